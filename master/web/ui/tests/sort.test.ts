import assert from "node:assert/strict";
import { test } from "node:test";
import { nextSorting, type SortValue, sorted } from "../src/sort";

const same = (value: SortValue) => value;

test("numbers are ordered as numbers, texts as people do", () => {
  assert.deepEqual(sorted([10, 9, 100], same, false), [9, 10, 100]);
  assert.deepEqual(sorted(["/item/10", "/item/9", "/Cart"], same, false), ["/Cart", "/item/9", "/item/10"]);
});

test("rows without a value come last in both directions", () => {
  assert.deepEqual(sorted([null, 2, undefined, 1], same, false), [1, 2, null, undefined]);
  assert.deepEqual(sorted([null, 2, undefined, 1], same, true), [2, 1, null, undefined]);
});

test("equal rows keep their order and the original is not touched", () => {
  const rows = [
    { name: "b", value: 1 },
    { name: "a", value: 1 },
  ];
  assert.deepEqual(
    sorted(rows, (row) => row.value, true),
    rows,
  );
  assert.equal(rows[0]?.name, "b");
});

test("a heading sorts numbers from the largest, and turns the order when it is clicked again", () => {
  assert.deepEqual(nextSorting(null, "rps", true), { key: "rps", descending: true });
  assert.deepEqual(nextSorting({ key: "rps", descending: true }, "rps", true), {
    key: "rps",
    descending: false,
  });
  assert.deepEqual(nextSorting({ key: "rps", descending: true }, "name", false), {
    key: "name",
    descending: false,
  });
});
