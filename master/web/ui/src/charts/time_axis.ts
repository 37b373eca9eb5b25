// The moments that the time axis of a chart names.
import type { Bounds } from "./view";

const minute = 60;
const hour = 3600;
const day = 24 * hour;
const steps = [
  1,
  2,
  5,
  10,
  15,
  30,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  7 * day,
];

// The least step, in seconds, with which `bounds` has no more than `most` marks.
export function markStep([from, to]: Bounds, most: number): number {
  const least = (to - from) / Math.max(most, 1);
  return steps.find((step) => step >= least) ?? Math.ceil(least / day) * day;
}

// Round moments of local time within `bounds`. `offset` is local time ahead of UTC, in seconds.
export function timeMarks(bounds: Bounds, most: number, offset: number): number[] {
  const step = markStep(bounds, most);
  const marks: number[] = [];
  for (let mark = Math.ceil((bounds[0] + offset) / step) * step - offset; mark <= bounds[1]; mark += step) {
    marks.push(mark);
  }
  return marks;
}

export function localOffset(time: number): number {
  return -new Date(time * 1000).getTimezoneOffset() * minute;
}

// How many marks have room in so many CSS pixels.
export function roomForMarks(width: number): number {
  return Math.floor(width / 84);
}
