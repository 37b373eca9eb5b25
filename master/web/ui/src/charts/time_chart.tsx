// The frame that line charts and the heat map share: heading, what the keyboard does, and the values at
// the moment pointed at. To a screen reader a chart is a slider through time that tells its values.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import * as format from "../format";
import { nearest } from "../history";
import { useCell } from "../use_cell";
import { boundsOf, moved, pointed, range, zoomed } from "./view";

interface Props {
  title: string;
  // One at least.
  times: readonly number[];
  // The values of a point in words, without its time.
  describe: (point: number) => string;
  legend: ComponentChildren;
  children: ComponentChildren;
}

// The first and last point in sight.
function pointsInSight(times: readonly number[]): [number, number] {
  const [from, to] = boundsOf(range.value, times);
  return [nearest(times, from), nearest(times, to)];
}

// Whether the key meant something to the chart.
function onKey(key: string, times: readonly number[], point: number): boolean {
  const [first, last] = pointsInSight(times);
  const go = (next: number) => {
    pointed.value = times[Math.min(Math.max(next, first), last)] ?? null;
  };
  const bounds = boundsOf(range.value, times);
  switch (key) {
    case "ArrowLeft":
      go(point - 1);
      return true;
    case "ArrowRight":
      go(point + 1);
      return true;
    case "PageDown":
      range.value = moved(bounds, -0.5, times);
      return true;
    case "PageUp":
      range.value = moved(bounds, 0.5, times);
      return true;
    case "Home":
      go(first);
      return true;
    case "End":
      go(last);
      return true;
    case "+":
    case "=":
      range.value = zoomed(bounds, 0.5, times, pointed.value);
      return true;
    case "-":
      range.value = zoomed(bounds, 2, times, pointed.value);
      return true;
    case "0":
      range.value = { kind: "all" };
      return true;
    case "Escape":
      pointed.value = null;
      return true;
    default:
      return false;
  }
}

// The point whose values are shown: the one pointed at, else the last one in sight.
export function useShownPoint(times: readonly number[]): number {
  const at = useCell(pointed);
  useCell(range);
  return at === null ? (pointsInSight(times)[1] ?? -1) : nearest(times, at);
}

export function TimeChart({ title, times, describe, legend, children }: Props) {
  const id = useId();
  const point = useShownPoint(times);
  const time = format.time(times[point]);
  return (
    <section class="card chart" aria-labelledby={id}>
      <header>
        <h3 id={id}>{title}</h3>
        <div class="legend">
          <span class="legend-time">{time}</span>
          {legend}
        </div>
      </header>
      <div
        class="plot"
        role="slider"
        tabIndex={0}
        aria-labelledby={id}
        aria-describedby="chart-keys"
        aria-valuemin={0}
        aria-valuemax={times.length - 1}
        aria-valuenow={point}
        aria-valuetext={`${time}: ${describe(point)}`}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          if (onKey(event.key, times, point)) event.preventDefault();
        }}
      >
        {children}
      </div>
    </section>
  );
}

// Once on each page with charts.
export function ChartKeys() {
  return (
    <p id="chart-keys" class="hint no-print">
      Drag to zoom, double-click for the whole run. Keys on a chart: ← → move through time, + − zoom, Page Up
      and Page Down shift, 0 shows the whole run.
    </p>
  );
}
