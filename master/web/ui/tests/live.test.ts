import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelay } from "../src/live";

test("attempts come later and later, but not too late", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 20].map(retryDelay), [1000, 2000, 4000, 8000, 10000, 10000]);
});
