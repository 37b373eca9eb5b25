import assert from "node:assert/strict";
import { test } from "node:test";
import { boundsOf, dragged, moved, zoomed } from "../src/charts/view";

const times = Array.from({ length: 99 }, (_, index) => 1002 + index);

test("all is from where the first point begins to the last, and never nothing", () => {
  assert.deepEqual(boundsOf({ kind: "all" }, times), [1000, 1100]);
  assert.deepEqual(boundsOf({ kind: "all" }, [1000]), [995, 1000]);
  assert.deepEqual(boundsOf({ kind: "last", seconds: 30 }, times), [1070, 1100]);
});

test("zooming in keeps the moment pointed at in the middle", () => {
  assert.deepEqual(zoomed([1000, 1100], 0.5, times, 1040), { kind: "fixed", from: 1015, to: 1065 });
});

test("zooming stays within the run, and ends in the whole of it", () => {
  assert.deepEqual(zoomed([1000, 1100], 0.5, times, 1000), { kind: "fixed", from: 1000, to: 1050 });
  assert.deepEqual(zoomed([1000, 1060], 2, times, null), { kind: "all" });
});

test("zooming in has an end", () => {
  assert.deepEqual(zoomed([1050, 1056], 0.5, times, null), { kind: "fixed", from: 1050.5, to: 1055.5 });
});

test("moving stops at both ends of the run", () => {
  assert.deepEqual(moved([1010, 1030], 0.5, times), { kind: "fixed", from: 1020, to: 1040 });
  assert.deepEqual(moved([1090, 1100], 1, times), { kind: "fixed", from: 1090, to: 1100 });
  assert.deepEqual(moved([1000, 1020], -1, times), { kind: "fixed", from: 1000, to: 1020 });
});

test("a drag counts in both directions and is never too short", () => {
  assert.deepEqual(dragged(1060, 1040), { kind: "fixed", from: 1040, to: 1060 });
  assert.deepEqual(dragged(1050, 1051), { kind: "fixed", from: 1048, to: 1053 });
});
