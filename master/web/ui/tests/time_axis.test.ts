import assert from "node:assert/strict";
import { test } from "node:test";
import { markStep, timeMarks } from "../src/charts/time_axis";

test("marks are round moments, as many as there is room for", () => {
  assert.deepEqual(timeMarks([1003, 1058], 6, 0), [1010, 1020, 1030, 1040, 1050]);
  assert.equal(markStep([0, 36_000], 12), 3600);
  assert.equal(markStep([0, 900], 3), 300);
});

test("marks are round in local time", () => {
  const half = 5.5 * 3600;
  assert.deepEqual(timeMarks([0, 7200], 2, half), [1800, 5400]);
});

test("a run of weeks has marks too", () => {
  const day = 86_400;
  assert.equal(markStep([0, 100 * day], 4), 25 * day);
});
