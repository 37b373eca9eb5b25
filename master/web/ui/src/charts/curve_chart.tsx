// Response time by percentile, out of the exact histogram. The axis gives each further nine as much room
// as the one before, because that is where runs differ.
import { useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import * as format from "../format";
import { theme } from "../theme";
import { canvasFont, colour } from "./colours";
import { axisWidth, rightPadding, useWidth } from "./line_chart";

const height = 260;

// How many nines a percentile has: 90 has one, 99.9 three.
function nines(percentile: number): number {
  return -Math.log10(1 - Math.min(percentile, 99.9999) / 100);
}

// The percentile with so many nines.
function percentileAt(count: number): number {
  return 100 * (1 - 10 ** -count);
}

const markRoom = 52;
const marks = [0, 50, 75, 90, 99, 99.9, 99.99, 99.999].map(nines);

// Those up to `max` that have room on `width` pixels; where they are close the higher ones stay.
function shownMarks(max: number, width: number): number[] {
  const shown: number[] = [];
  let free = Number.POSITIVE_INFINITY;
  for (const mark of marks.filter((each) => each <= max).reverse()) {
    const place = (mark / max) * width;
    if (free - place < markRoom) continue;
    shown.unshift(mark);
    free = place;
  }
  return shown;
}

function markText(count: number): string {
  return `${Number(percentileAt(count).toFixed(3))}%`;
}

function options(width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => colour("--muted"),
    font: canvasFont,
    grid: { stroke: () => colour("--grid"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    padding: [10, rightPadding + 16, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, max) => [0, max * 1.05 || 1] } },
    series: [
      {},
      {
        stroke: () => colour("--accent"),
        fill: () => `${colour("--accent")}22`,
        width: 2,
        points: { show: false },
      },
    ],
    axes: [
      {
        ...axis,
        splits: (plot, _, __, max) => shownMarks(max, plot.bbox.width / devicePixelRatio),
        values: (_, splits) => splits.map(markText),
      },
      { ...axis, size: axisWidth, values: (_, splits) => splits.map(format.ms) },
    ],
    cursor: { show: false },
  };
}

export function CurveChart({ curve }: { curve: [number, number][] }) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const data: uPlot.AlignedData = [
      curve.map(([percentile]) => nines(percentile)),
      curve.map(([, ms]) => ms),
    ];
    const made = new uPlot(options(Math.max(target.clientWidth, 200)), data, target);
    plot.current = made;
    const end = theme.subscribe(() => made.redraw());
    return () => {
      end();
      made.destroy();
    };
  }, [curve]);
  const width = useWidth(element);
  useLayoutEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width]);
  const label = curve
    .filter(([percentile]) => [50, 90, 95, 99, 99.9, 100].includes(percentile))
    .map(([percentile, ms]) => `${percentile}%: ${format.ms(ms)} ms`)
    .join(", ");
  return <div ref={element} role="img" aria-label={`Response time by percentile. ${label}`} />;
}
