import assert from "node:assert/strict";
import { test } from "node:test";
import type { Argument, Form, Run } from "../src/api";
import { fieldsOf, initialValues, problems } from "../src/swarm_form";

function argument(changed: Partial<Argument>): Argument {
  return {
    name: "",
    default: "",
    help: "",
    choices: null,
    secret: false,
    multiple: false,
    type: "text",
    ...changed,
  };
}

function form(changed: Partial<Form> = {}): Form {
  return {
    version: 1,
    users: 100,
    spawn_rate: 10,
    host: "http://target",
    run_time: "1m",
    profile: "",
    class_picker: true,
    user_classes: [
      { name: "Shop", weight: 1, fixed_count: 0, host: null, in_test: true },
      { name: "Browser", weight: 3, fixed_count: 0, host: null, in_test: true },
    ],
    shapes: ["wave"],
    shape: null,
    use_common_options: false,
    arguments: [
      argument({ name: "depth", default: "3", help: "How deep", type: "number" }),
      argument({ name: "token", secret: true }),
      argument({ name: "cached", default: "true", type: "bool" }),
    ],
    full_history: false,
    version_text: "locust-cpp",
    login: { user: null },
    csrf: null,
    ...changed,
  };
}

const running: Run = {
  id: 1,
  start_time: 1,
  end_time: null,
  host: "http://other",
  hosts: ["http://other"],
  target_user_count: 57,
  spawn_rate: 2.5,
  run_time: 90,
  shape: null,
};

test("a start sends everything in stock's fields", () => {
  const fields = fieldsOf(form(), initialValues(form(), null), false);
  assert.equal(
    fields.toString(),
    "user_count=100&spawn_rate=10&run_time=1m&host=http%3A%2F%2Ftarget&profile=" +
      "&user_classes=Shop&user_classes=Browser&shape_class=Default&depth=3&cached=true",
  );
});

test("an edit begins with the running test and leaves its classes and shape alone", () => {
  const values = initialValues(form(), running);
  assert.equal(values.users, "57");
  assert.equal(values.runTime, "1m30s");
  const fields = fieldsOf(form(), values, true);
  assert.equal(fields.get("host"), "http://other");
  assert.equal(fields.has("user_classes"), false);
  assert.equal(fields.has("shape_class"), false);
});

test("a secret is sent only when it was typed", () => {
  const values = initialValues(form(), null);
  assert.equal(fieldsOf(form(), values, false).has("token"), false);
  values.arguments.token = "s3cret";
  assert.equal(fieldsOf(form(), values, false).get("token"), "s3cret");
});

test("a shape decides users, spawn rate and run time unless it asks for them", () => {
  const values = { ...initialValues(form(), null), shape: "wave", users: "" };
  assert.deepEqual(problems(form(), values, false), {});
  assert.equal(fieldsOf(form(), values, false).has("user_count"), false);
  assert.equal(fieldsOf(form(), values, false).get("shape_class"), "wave");
  assert.ok(problems(form({ use_common_options: true }), values, false).users);
});

test("what cannot be sent is named field by field", () => {
  const values = initialValues(form(), null);
  const wrong = { ...values, users: "1.5", spawnRate: "0", runTime: "soon", userClasses: new Set<string>() };
  assert.deepEqual(Object.keys(problems(form(), wrong, false)), [
    "users",
    "spawnRate",
    "runTime",
    "userClasses",
  ]);
  assert.deepEqual(problems(form(), values, false), {});
});
