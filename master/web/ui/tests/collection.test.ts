import assert from "node:assert/strict";
import { test } from "node:test";
import { Collection } from "../src/collection";

// A collection with a clock and a master's version that the test sets.
function rig() {
  const state = { now: 0, version: 1 as number | undefined, loads: [] as (string | null)[], fails: false };
  const collection = new Collection<string>(
    async (held) => {
      state.loads.push(held);
      if (state.fails) throw new Error("gone");
      return `data ${state.version}`;
    },
    () => state.version,
    () => state.now,
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const refresh = async () => {
    collection.refresh();
    await settle();
  };
  return { state, collection, settle, refresh };
}

test("nothing is fetched unless something shows it", async () => {
  const { state, collection, refresh, settle } = rig();
  await refresh();
  assert.equal(state.loads.length, 0);
  const leave = collection.view();
  await settle();
  assert.equal(collection.data.value, "data 1");
  leave();
  state.version = 2;
  state.now = 5000;
  await refresh();
  assert.equal(state.loads.length, 1);
});

test("it is fetched again only when it changed, and at most every two seconds", async () => {
  const { state, collection, refresh, settle } = rig();
  collection.view();
  await settle();
  state.now = 3000;
  await refresh();
  assert.equal(state.loads.length, 1);
  state.version = 2;
  await refresh();
  state.version = 3;
  state.now = 4999;
  await refresh();
  assert.equal(state.loads.length, 2);
  state.now = 5000;
  await refresh();
  assert.deepEqual(state.loads, [null, "data 1", "data 2"]);
});

test("after a failure, and when it counts no more, it is fetched as a whole", async () => {
  const { state, collection, refresh, settle } = rig();
  collection.view();
  await settle();
  state.fails = true;
  state.version = 2;
  state.now = 3000;
  await refresh();
  assert.equal(collection.data.value, "data 1");
  state.fails = false;
  state.now = 6000;
  await refresh();
  collection.invalidate();
  await refresh();
  assert.deepEqual(state.loads, [null, "data 1", null, null]);
});
