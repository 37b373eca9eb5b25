import assert from "node:assert/strict";
import { test } from "node:test";
import { rowWindow } from "../src/row_window";

test("only the rows in sight and some around them are drawn", () => {
  const { first, end } = rowWindow(15000, 600, 30, 1000);
  assert.ok(first <= 500 && end >= 520);
  assert.ok(end - first < 60);
});

test("the window ends with the table", () => {
  assert.deepEqual(rowWindow(0, 600, 30, 5), { first: 0, end: 5 });
  assert.equal(rowWindow(29400, 600, 30, 1000).end, 1000);
});

test("a table that got shorter still shows its last rows", () => {
  const { first, end } = rowWindow(29400, 600, 30, 100);
  assert.equal(end, 100);
  assert.ok(first <= 80);
});
