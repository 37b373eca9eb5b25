// Lines where the test was started, edited and stopped.
import type uPlot from "uplot";
import type { Marker } from "../api";
import { canvasFont, colour } from "./colours";

export interface Plotted {
  context: CanvasRenderingContext2D;
  left: number;
  top: number;
  width: number;
  height: number;
  // Canvas pixels per CSS pixel.
  ratio: number;
  // The canvas position of a moment.
  position: (time: number) => number;
}

export function drawMarkers(plot: uPlot, markers: readonly Marker[]): void {
  drawMarkersIn(
    {
      context: plot.ctx,
      ...plot.bbox,
      ratio: devicePixelRatio,
      position: (time) => plot.valToPos(time, "x", true),
    },
    markers,
  );
}

// Each marker's kind is written beside its line unless the one before is too close.
export function drawMarkersIn(area: Plotted, markers: readonly Marker[]): void {
  const { context, ratio } = area;
  context.save();
  context.strokeStyle = colour("--marker");
  context.fillStyle = colour("--marker");
  context.lineWidth = ratio;
  context.setLineDash([4 * ratio, 3 * ratio]);
  context.font = canvasFont.replace("12", String(11 * ratio));
  context.textAlign = "left";
  context.textBaseline = "top";
  let free = area.left;
  for (const marker of markers) {
    const x = area.position(marker.time);
    if (x < area.left || x > area.left + area.width) continue;
    context.beginPath();
    context.moveTo(x, area.top);
    context.lineTo(x, area.top + area.height);
    context.stroke();
    const width = context.measureText(marker.kind).width;
    const gap = 4 * ratio;
    // At the right edge the text stands left of its line.
    const start = x + gap + width > area.left + area.width ? x - gap - width : x + gap;
    if (start < free) continue;
    context.fillText(marker.kind, start, area.top + 2 * ratio);
    free = Math.max(x, start + width) + gap;
  }
  context.restore();
}
