// What all charts of a page share: the range of time that they show, and the moment pointed at.
import { Cell } from "../cell";

export type Range =
  | { kind: "all" }
  | { kind: "last"; seconds: number }
  | { kind: "fixed"; from: number; to: number };

export type Bounds = [from: number, to: number];

export const range = new Cell<Range>({ kind: "all" });
// Seconds since the epoch, null while nothing is pointed at.
export const pointed = new Cell<number | null>(null);

const shortest = 5;

// Begin and end of what a chart of points at `times` shows. Never empty. The first point tells of the time before
// it, and that begins up to a second after the test was started.
export function boundsOf(shown: Range, times: readonly number[]): Bounds {
  if (shown.kind === "fixed") return [shown.from, shown.to];
  const last = times.at(-1) ?? 0;
  const [first = 0, second = first] = times;
  const begin = shown.kind === "last" ? last - shown.seconds : first - (second - first) - 1;
  return [Math.min(begin, last - shortest), last];
}

// `bounds` made `factor` as long around `centre`, within the run; the whole run if that is as long.
export function zoomed(
  bounds: Bounds,
  factor: number,
  times: readonly number[],
  centre: number | null,
): Range {
  const [begin, end] = boundsOf({ kind: "all" }, times);
  const length = Math.max((bounds[1] - bounds[0]) * factor, shortest);
  if (length >= end - begin) return { kind: "all" };
  const middle = centre ?? (bounds[0] + bounds[1]) / 2;
  const from = Math.min(Math.max(middle - length / 2, begin), end - length);
  return { kind: "fixed", from, to: from + length };
}

// `bounds` moved by `share` of its length, within the run.
export function moved(bounds: Bounds, share: number, times: readonly number[]): Range {
  const [begin, end] = boundsOf({ kind: "all" }, times);
  const length = bounds[1] - bounds[0];
  const from = Math.max(begin, Math.min(bounds[0] + share * length, end - length));
  return { kind: "fixed", from, to: from + length };
}

// A range dragged with a pointer.
export function dragged(from: number, to: number): Range {
  const centre = (from + to) / 2;
  const half = Math.max(Math.abs(to - from), shortest) / 2;
  return { kind: "fixed", from: centre - half, to: centre + half };
}
