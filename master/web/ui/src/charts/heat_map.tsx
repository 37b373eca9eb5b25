// How many requests took how long, over time: a column per moment, a row per range of response times,
// the more requests the stronger the colour.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { History } from "../api";
import * as format from "../format";
import { heatColumns, usedRows } from "../history";
import { theme } from "../theme";
import { useCell } from "../use_cell";
import { canvasFont, colour, mixed, rgb } from "./colours";
import { axisHeight, axisWidth, chartHeight, rightPadding, useWidth } from "./line_chart";
import { drawMarkersIn } from "./markers";
import { localOffset, markStep, roomForMarks, timeMarks } from "./time_axis";
import { TimeChart, useShownPoint } from "./time_chart";
import { type Bounds, boundsOf, dragged, pointed, range } from "./view";

const top = 10;
const plotHeight = chartHeight - top - axisHeight;

interface Rows {
  first: number;
  end: number;
  bounds: readonly number[];
}

// The response times of a row, in words.
function rowText(bounds: readonly number[], row: number): string {
  const upper = format.ms(bounds[row]);
  return row === 0 ? `up to ${upper} ms` : `${format.ms(bounds[row - 1])} to ${upper} ms`;
}

// Total and fullest row of a point.
function describe(history: History, point: number): string {
  const cells = history.heat.cells[point] ?? [];
  const total = cells.reduce((sum, requests) => sum + requests, 0);
  if (total === 0) return "no requests";
  const fullest = cells.indexOf(Math.max(...cells));
  return `${format.counted(total, "request")}, most of them ${rowText(history.heat.bounds, fullest)}`;
}

// An image of a pixel per cell, the top row being the slowest.
function paintCells(columns: Float64Array, width: number, rows: Rows, rowCount: number): HTMLCanvasElement {
  const height = rows.end - rows.first;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const image = context.createImageData(width, height);
  const most = columns.reduce((left, right) => Math.max(left, right), 1);
  const faint = rgb(colour("--heat-low"));
  const strong = rgb(colour("--heat-high"));
  for (let column = 0; column < width; ++column) {
    for (let row = rows.first; row < rows.end; ++row) {
      const requests = columns[column * rowCount + row] as number;
      if (requests <= 0) continue;
      // Few requests among many must still be seen: they are the slow ones.
      const share = Math.log1p(requests) / Math.log1p(most);
      image.data.set([...mixed(faint, strong, share), 255], ((rows.end - 1 - row) * width + column) * 4);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Names of rows at the left edge, with room between them.
function drawRowNames(context: CanvasRenderingContext2D, rows: Rows): void {
  context.fillStyle = colour("--muted");
  context.font = canvasFont;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const rowHeight = plotHeight / (rows.end - rows.first);
  const step = Math.max(1, Math.ceil(22 / rowHeight));
  for (let row = rows.first; row < rows.end; row += step) {
    const y = top + plotHeight - (row + 1 - rows.first) * rowHeight;
    context.fillText(format.ms(rows.bounds[row]), axisWidth - 8, Math.max(y, top + 2));
  }
}

function drawTimes(context: CanvasRenderingContext2D, bounds: Bounds, width: number): void {
  const [from, to] = bounds;
  context.fillStyle = colour("--muted");
  context.font = canvasFont;
  context.textAlign = "center";
  context.textBaseline = "top";
  const room = roomForMarks(width);
  const step = markStep(bounds, room);
  for (const mark of timeMarks(bounds, room, localOffset(from))) {
    const x = axisWidth + ((mark - from) / (to - from)) * width;
    context.fillText(format.timeMark(mark, step), x, top + plotHeight + 5);
  }
}

function draw(canvas: HTMLCanvasElement, history: History, rows: Rows, fullWidth: number): void {
  const context = canvas.getContext("2d");
  const width = Math.floor(fullWidth - axisWidth - rightPadding);
  if (!context || width <= 0) return;
  const ratio = devicePixelRatio;
  canvas.width = fullWidth * ratio;
  canvas.height = chartHeight * ratio;
  const bounds = boundsOf(range.value, history.columns.time);
  const columns = heatColumns(history, bounds[0], bounds[1], width);
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  context.strokeStyle = colour("--grid");
  context.strokeRect(axisWidth + 0.5, top + 0.5, width - 1, plotHeight - 1);
  context.drawImage(
    paintCells(columns, width, rows, history.heat.bounds.length),
    axisWidth,
    top,
    width,
    plotHeight,
  );
  drawRowNames(context, rows);
  drawTimes(context, bounds, width);
  const position = (time: number) => axisWidth + ((time - bounds[0]) / (bounds[1] - bounds[0])) * width;
  drawMarkersIn(
    { context, left: axisWidth, top, width, height: plotHeight, ratio: 1, position },
    history.markers,
  );
}

export function HeatMap({ history }: { history: History }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const times = history.columns.time;
  const width = useWidth(frame);
  const shown = useCell(range);
  const shownTheme = useCell(theme);
  // The row under the pointer.
  const [row, setRow] = useState<number | null>(null);
  const rows = useMemo(() => {
    const [first, end] = usedRows(history);
    return { first, end, bounds: history.heat.bounds };
  }, [history]);
  useLayoutEffect(() => {
    if (canvas.current) draw(canvas.current, history, rows, width);
  }, [history, rows, width, shown, shownTheme]);
  return (
    <TimeChart
      title="Response Time Heat Map (ms)"
      times={times}
      describe={(point) => describe(history, point)}
      legend={<HeatLegend history={history} row={row} />}
    >
      <div ref={frame} class="heat" aria-hidden="true">
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${chartHeight}px` }} />
        <Overlay times={times} width={width} rows={rows} onRow={setRow} />
      </div>
    </TimeChart>
  );
}

// The requests of a point in the row, in words.
function describeRow(history: History, point: number, row: number): string {
  const requests = history.heat.cells[point]?.[row] ?? 0;
  return `${format.counted(requests, "request")} ${rowText(history.heat.bounds, row)}`;
}

function HeatLegend({ history, row }: { history: History; row: number | null }) {
  const point = useShownPoint(history.columns.time);
  return (
    <ul>
      <li>
        few <span class="heat-scale" /> many requests
      </li>
      <li>
        <b>{row === null ? describe(history, point) : describeRow(history, point, row)}</b>
      </li>
    </ul>
  );
}

interface OverlayProps {
  times: readonly number[];
  width: number;
  rows: Rows;
  onRow: (row: number | null) => void;
}

// The line at the moment pointed at, and what the pointer does.
function Overlay({ times, width, rows, onRow }: OverlayProps) {
  const at = useCell(pointed);
  const element = useRef<HTMLDivElement>(null);
  const begun = useRef<number | null>(null);
  const bounds = boundsOf(range.value, times);
  const length = bounds[1] - bounds[0];
  const inner = Math.max(width - axisWidth - rightPadding, 1);
  const timeAt = (event: PointerEvent) => {
    const left = element.current?.getBoundingClientRect().left ?? 0;
    return bounds[0] + Math.min(Math.max((event.clientX - left) / inner, 0), 1) * length;
  };
  const rowAt = (event: PointerEvent) => {
    const below = (element.current?.getBoundingClientRect().bottom ?? 0) - event.clientY;
    const row = rows.first + Math.floor((below / plotHeight) * (rows.end - rows.first));
    return Math.min(Math.max(row, rows.first), rows.end - 1);
  };
  const percentAt = (time: number) => `${Math.min(Math.max(((time - bounds[0]) / length) * 100, 0), 100)}%`;
  const from = begun.current;
  return (
    <div
      ref={element}
      class="heat-overlay"
      style={{ left: `${axisWidth}px`, width: `${inner}px`, top: `${top}px`, height: `${plotHeight}px` }}
      onPointerMove={(event) => {
        pointed.value = timeAt(event);
        onRow(rowAt(event));
      }}
      onPointerLeave={() => {
        pointed.value = null;
        onRow(null);
        begun.current = null;
      }}
      onPointerDown={(event) => {
        if (event.button === 0) begun.current = timeAt(event);
      }}
      onPointerUp={(event) => {
        const to = timeAt(event);
        if (begun.current !== null && Math.abs(to - begun.current) > length / 200) {
          range.value = dragged(begun.current, to);
        }
        begun.current = null;
      }}
      onDblClick={() => {
        range.value = { kind: "all" };
      }}
    >
      {at !== null && <div class="heat-line" style={{ left: percentAt(at) }} />}
      {at !== null && from !== null && (
        <div
          class="heat-selection"
          style={{
            left: percentAt(Math.min(from, at)),
            right: `calc(100% - ${percentAt(Math.max(from, at))})`,
          }}
        />
      )}
    </div>
  );
}
