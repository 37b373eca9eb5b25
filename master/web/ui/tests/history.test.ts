import assert from "node:assert/strict";
import { test } from "node:test";
import type { History, HistoryColumns } from "../src/api";
import {
  heatColumns,
  mergeHistory,
  missingAfter,
  nearest,
  percentileColumns,
  usedRows,
  withGaps,
} from "../src/history";

function columnsOf(times: number[], percentiles: Record<string, number[]> = {}): HistoryColumns {
  return {
    average: times.map(() => null),
    failures: times.map(() => 0),
    requests: times.map((time) => time * 10),
    time: times,
    user_count: times.map(() => 1),
    ...percentiles,
  };
}

function history(times: number[], changed: Partial<History> = {}): History {
  return {
    version: times.length,
    interval: 1,
    complete: false,
    columns: columnsOf(times),
    markers: [],
    heat: { bounds: [1, 10, 100], cells: times.map((time) => [0, time, 0]) },
    ...changed,
  };
}

test("new points are added to those on hand", () => {
  const merged = mergeHistory(history([1, 2]), history([3, 4]));
  assert.deepEqual(merged.columns.time, [1, 2, 3, 4]);
  assert.deepEqual(merged.columns.requests, [10, 20, 30, 40]);
  assert.equal(merged.heat.cells.length, 4);
  assert.equal(merged.version, 2);
});

test("points that are known already are not added twice", () => {
  assert.deepEqual(mergeHistory(history([1, 2]), history([2, 3])).columns.time, [1, 2, 3]);
  assert.deepEqual(mergeHistory(history([1, 2]), history([1, 2])).columns.time, [1, 2]);
});

test("a complete answer, and one with another interval, replace all", () => {
  assert.deepEqual(mergeHistory(history([1, 2]), history([5, 6], { complete: true })).columns.time, [5, 6]);
  assert.deepEqual(mergeHistory(history([1, 2]), history([5, 7], { interval: 2 })).columns.time, [5, 7]);
});

test("a column that one side lacks has no values there", () => {
  const later = history([3], { columns: columnsOf([3], { p95: [7] }) });
  assert.deepEqual(mergeHistory(history([1, 2]), later).columns.p95, [null, null, 7]);
  assert.deepEqual(mergeHistory(later, history([4])).columns.p95, [7, null]);
});

test("a history that has grown too long is asked for as a whole", () => {
  assert.equal(missingAfter(null), null);
  assert.equal(missingAfter(history([1, 2])), 2);
  assert.equal(missingAfter(history(Array.from({ length: 7300 }, (_, index) => index))), null);
});

test("no line is drawn over a time without points", () => {
  const { times, columns } = withGaps([1, 2, 10], [[5, 6, 7]], 1);
  assert.deepEqual(times, [1, 2, 3, 10]);
  assert.deepEqual(columns, [[5, 6, null, 7]]);
});

test("the nearest point is found", () => {
  assert.equal(nearest([], 3), -1);
  assert.equal(nearest([1, 2, 10], -5), 0);
  assert.equal(nearest([1, 2, 10], 5), 1);
  assert.equal(nearest([1, 2, 10], 7), 2);
  assert.equal(nearest([1, 2, 10], 99), 2);
});

test("a point of the heat map fills all pixels that it covers", () => {
  const columns = heatColumns(history([1, 2]), 0, 2, 4);
  assert.deepEqual([...columns], [0, 1, 0, 0, 1, 0, 0, 2, 0, 0, 2, 0]);
});

test("points narrower than a pixel are added up", () => {
  const columns = heatColumns(history([1, 2, 3, 4]), 0, 4, 2);
  assert.deepEqual([...columns], [0, 3, 0, 0, 7, 0]);
});

test("a point that comes late covers the time since the one before, but no pause", () => {
  const late = heatColumns(history([1, 3]), 0, 3, 3);
  assert.deepEqual([...late], [0, 1, 0, 0, 3, 0, 0, 3, 0]);
  const paused = heatColumns(history([1, 4]), 0, 4, 4);
  assert.deepEqual([...paused], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
});

test("points out of sight do not count", () => {
  assert.deepEqual([...heatColumns(history([0, 1, 50]), 10, 12, 2)], [0, 0, 0, 0, 0, 0]);
});

test("the heat map shows the rows that hold anything", () => {
  assert.deepEqual(usedRows(history([1, 2])), [1, 2]);
  assert.deepEqual(usedRows(history([])), [0, 3]);
});

test("percentile columns come in their order", () => {
  const columns = { time: [], "p99.9": [], p50: [], average: [], p95: [], pages: [] };
  assert.deepEqual(
    percentileColumns(columns).map(({ key }) => key),
    ["p50", "p95", "p99.9"],
  );
});
