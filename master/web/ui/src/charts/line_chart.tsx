// A chart of values over the time of a run.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { Marker } from "../api";
import * as format from "../format";
import { withGaps } from "../history";
import { printing, theme } from "../theme";
import { useCell } from "../use_cell";
import { canvasFont, colour } from "./colours";
import { drawMarkers } from "./markers";
import { localOffset, markStep, roomForMarks, timeMarks } from "./time_axis";
import { TimeChart, useShownPoint } from "./time_chart";
import { boundsOf, dragged, pointed, range } from "./view";

export interface Series {
  label: string;
  // A custom property of the style sheet.
  colour: string;
  dash?: number[];
  filled?: boolean;
  values: readonly (number | null)[];
}

interface Props {
  title: string;
  // One at least.
  times: readonly number[];
  // Seconds between points.
  interval: number;
  series: Series[];
  markers: readonly Marker[];
  format: (value: number | null | undefined) => string;
  // Values are whole, so marks of the axis are.
  isWhole?: boolean;
}

export const chartHeight = 210;
// Of all time charts, so that their plots lie exactly above one another.
export const axisWidth = 64;
export const axisHeight = 28;
export const rightPadding = 14;
// What fits on paper, in CSS pixels.
const paperWidth = 650;

// The width of `element`, kept up to date.
export function useWidth(element: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(() => setWidth(target.clientWidth));
    observer.observe(target);
    setWidth(target.clientWidth);
    return () => observer.disconnect();
  }, []);
  return useCell(printing) ? paperWidth : width;
}

function seriesOptions(series: Series): uPlot.Series {
  return {
    label: series.label,
    stroke: () => colour(series.colour),
    width: 1.5,
    points: { show: false },
    spanGaps: false,
    ...(series.dash?.length ? { dash: series.dash } : {}),
    ...(series.filled ? { fill: () => `${colour(series.colour)}22` } : {}),
  };
}

function axis(): uPlot.Axis {
  return {
    stroke: () => colour("--muted"),
    font: canvasFont,
    grid: { stroke: () => colour("--grid"), width: 1 },
    ticks: { show: false },
  };
}

function xAxis(): uPlot.Axis {
  const room = (plot: uPlot) => roomForMarks(plot.bbox.width / devicePixelRatio);
  return {
    ...axis(),
    size: axisHeight,
    splits: (plot, _, min, max) => timeMarks([min, max], room(plot), localOffset(min)),
    values: (plot, splits) => {
      const { min = 0, max = 0 } = plot.scales.x ?? {};
      const step = markStep([min ?? 0, max ?? 0], room(plot));
      return splits.map((split) => format.timeMark(split, step));
    },
  };
}

const wholeSteps = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

function yAxis({ format: values, isWhole }: Props): uPlot.Axis {
  return {
    ...axis(),
    size: axisWidth,
    ...(isWhole ? { incrs: wholeSteps } : {}),
    values: (_, splits) => splits.map((split) => shortened(values, split)),
  };
}

// Axis marks have no more digits than they need: 1,200 and not 1,200.00.
function shortened(values: Props["format"], split: number): string {
  return values(split)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

interface Current {
  times: readonly number[];
  markers: readonly Marker[];
}

function options(props: Props, width: number, current: { current: Current }): uPlot.Options {
  return {
    width,
    height: chartHeight,
    padding: [10, rightPadding, 0, 0],
    legend: { show: false },
    series: [{}, ...props.series.map(seriesOptions)],
    axes: [xAxis(), yAxis(props)],
    scales: {
      x: { time: true, range: () => boundsOf(range.value, current.current.times) },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          range.value = { kind: "all" };
          return null;
        },
      },
    },
    hooks: {
      draw: [(plot) => drawMarkers(plot, current.current.markers)],
      ready: [sharePointer],
      setSelect: [
        (plot) => {
          if (plot.select.width < 3) return;
          const from = plot.posToVal(plot.select.left, "x");
          range.value = dragged(from, plot.posToVal(plot.select.left + plot.select.width, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

// Tells the other charts where the pointer is.
function sharePointer(plot: uPlot): void {
  plot.over.addEventListener("pointermove", (event) => {
    pointed.value = plot.posToVal(event.offsetX, "x");
  });
  plot.over.addEventListener("pointerleave", () => {
    pointed.value = null;
  });
}

// Shows in `plot` the moment that is pointed at, here, in another chart, or by the keyboard.
function showPointed(plot: uPlot): void {
  const left = pointed.value === null ? -10 : plot.valToPos(pointed.value, "x");
  plot.setCursor({ left, top: left < 0 ? -10 : 0 }, false);
}

// Draws the data of the range of time that is shown.
function show(plot: uPlot, data: uPlot.AlignedData, times: readonly number[]): void {
  const [min, max] = boundsOf(range.value, times);
  plot.setData(data, false);
  plot.setScale("x", { min, max });
  showPointed(plot);
}

export function LineChart(props: Props) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const current = useRef<Current>(props);
  current.current = props;
  const shape = props.series.map((series) => series.label).join("\n");
  const data = useMemo(() => {
    const gapped = withGaps(
      props.times,
      props.series.map((series) => series.values),
      props.interval,
    );
    return [gapped.times, ...gapped.columns] as uPlot.AlignedData;
  }, [props.times, ...props.series.map((series) => series.values)]);

  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const made = new uPlot(options(props, Math.max(target.clientWidth, 200), current), data, target);
    plot.current = made;
    const ends = [
      pointed.subscribe(() => showPointed(made)),
      range.subscribe(() => show(made, made.data, current.current.times)),
      theme.subscribe(() => made.redraw()),
    ];
    return () => {
      for (const end of ends) end();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useLayoutEffect(() => {
    if (!plot.current) return;
    show(plot.current, data, props.times);
  }, [data, props.markers]);

  const width = useWidth(element);
  useLayoutEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height: chartHeight });
  }, [width]);

  return (
    <TimeChart
      title={props.title}
      times={props.times}
      describe={(point) =>
        props.series.map((series) => `${series.label} ${props.format(series.values[point])}`).join(", ")
      }
      legend={<Legend {...props} />}
    >
      <div ref={element} aria-hidden="true" />
    </TimeChart>
  );
}

function Legend({ series, times, format: text }: Props) {
  const point = useShownPoint(times);
  return (
    <ul>
      {series.map((each) => (
        <li key={each.label}>
          <svg width="18" height="8" aria-hidden="true">
            <line
              x1="0"
              y1="4"
              x2="18"
              y2="4"
              stroke-width="2.5"
              stroke-dasharray={each.dash?.join(" ")}
              style={{ stroke: `var(${each.colour})` }}
            />
          </svg>
          {each.label} <b>{text(each.values[point])}</b>
        </li>
      ))}
    </ul>
  );
}
