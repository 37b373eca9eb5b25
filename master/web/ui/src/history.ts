// The course of a run as the charts need it: pieces put together, gaps, and what lies in a time range.
import type { History, HistoryColumns } from "./api";

// The master merges points beyond this number; with so many more on hand it is asked for all again.
const mostPoints = 2 * 3600;

// The time after which points are missing; null if all are.
export function missingAfter(held: History | null): number | null {
  const times = held?.columns.time;
  if (!times || times.length > mostPoints) return null;
  return times.at(-1) ?? null;
}

function continues(held: History, answer: History): boolean {
  return (
    !answer.complete &&
    answer.interval === held.interval &&
    answer.heat.bounds.length === held.heat.bounds.length &&
    answer.heat.bounds.every((bound, row) => bound === held.heat.bounds[row])
  );
}

// `held` and what the master answered after it.
export function mergeHistory(held: History | null, answer: History): History {
  if (!held || !continues(held, answer)) return answer;
  const last = held.columns.time.at(-1) ?? Number.NEGATIVE_INFINITY;
  const found = answer.columns.time.findIndex((time) => time > last);
  const begin = found < 0 ? answer.columns.time.length : found;
  const columns: HistoryColumns = {
    ...held.columns,
    time: held.columns.time.concat(answer.columns.time.slice(begin)),
  };
  const fresh = answer.columns.time.length - begin;
  for (const name of new Set([...Object.keys(held.columns), ...Object.keys(answer.columns)])) {
    if (name === "time") continue;
    const before = held.columns[name] ?? held.columns.time.map(() => null);
    const after = answer.columns[name]?.slice(begin) ?? new Array<null>(fresh).fill(null);
    columns[name] = before.concat(after);
  }
  return {
    ...answer,
    columns,
    heat: { bounds: held.heat.bounds, cells: held.heat.cells.concat(answer.heat.cells.slice(begin)) },
  };
}

// The columns, with a point without values wherever the next one comes late: no line is drawn there.
export function withGaps(
  times: readonly number[],
  columns: readonly (readonly (number | null)[])[],
  interval: number,
): { times: number[]; columns: (number | null)[][] } {
  const result = { times: [] as number[], columns: columns.map(() => [] as (number | null)[]) };
  times.forEach((time, point) => {
    const previous = times[point - 1];
    if (previous !== undefined && time - previous > 2.5 * interval) {
      result.times.push(previous + interval);
      for (const column of result.columns) column.push(null);
    }
    result.times.push(time);
    columns.forEach((column, index) => {
      result.columns[index]?.push(column[point] ?? null);
    });
  });
  return result;
}

// The index of the point nearest to `time`; -1 if there is none.
export function nearest(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= time) low = middle;
    else high = middle;
  }
  return time - (times[low] as number) <= (times[high] as number) - time ? low : high;
}

// Requests by pixel column and row, row after row within a column, for what lies between `from` and `to`.
// A point tells of the time from the one before it on. One that is wider than a column fills all that it covers,
// narrower ones are added up.
export function heatColumns(history: History, from: number, to: number, width: number): Float64Array {
  const rows = history.heat.bounds.length;
  const result = new Float64Array(width * rows);
  const scale = width / Math.max(to - from, 1e-9);
  history.columns.time.forEach((time, point) => {
    const cells = history.heat.cells[point];
    const previous = history.columns.time[point - 1] ?? Number.NEGATIVE_INFINITY;
    const since = time - previous > 2.5 * history.interval ? time - history.interval : previous;
    const begin = Math.floor((since - from) * scale);
    const end = Math.max(begin + 1, Math.floor((time - from) * scale));
    if (!cells || end <= 0 || begin >= width) return;
    for (let column = Math.max(begin, 0); column < Math.min(end, width); ++column) {
      for (let row = 0; row < rows; ++row) {
        const index = column * rows + row;
        result[index] = (result[index] as number) + (cells[row] ?? 0);
      }
    }
  });
  return result;
}

// The rows of the heat map that hold anything, as [first, end); all if none does.
export function usedRows(history: History): [number, number] {
  let first = history.heat.bounds.length;
  let end = 0;
  for (const cells of history.heat.cells) {
    cells.forEach((requests, row) => {
      if (requests <= 0) return;
      first = Math.min(first, row);
      end = Math.max(end, row + 1);
    });
  }
  return first < end ? [first, end] : [0, history.heat.bounds.length];
}

// The columns with response-time percentiles, in ascending order of percentile.
export function percentileColumns(columns: Record<string, unknown>): { key: string; percentile: number }[] {
  return Object.keys(columns)
    .filter((name) => /^p\d+(\.\d+)?$/.test(name))
    .map((key) => ({ key, percentile: Number(key.slice(1)) }))
    .sort((left, right) => left.percentile - right.percentile);
}
