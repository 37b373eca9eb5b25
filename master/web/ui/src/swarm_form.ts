// What the form of a load test holds, and what is sent of it.
import type { Argument, Form, Run } from "./api";
import { parseRunTime, runTimeText } from "./format";

export interface Values {
  users: string;
  spawnRate: string;
  host: string;
  runTime: string;
  profile: string;
  userClasses: Set<string>;
  // Empty: none.
  shape: string;
  arguments: Record<string, string | boolean>;
}

// Stock's name for no shape.
const noShape = "Default";

function argumentValue(argument: Argument): string | boolean {
  if (argument.type === "bool") return argument.default === "true";
  // The master does not tell secrets; what is left empty stays as it is.
  return argument.secret ? "" : argument.default;
}

// The values that the form starts with; `running` is the test that is edited.
export function initialValues(form: Form, running: Run | null): Values {
  return {
    users: String(running?.target_user_count ?? form.users),
    spawnRate: String(running?.spawn_rate ?? form.spawn_rate),
    host: running?.host ?? form.host,
    runTime: running ? runTimeText(running.run_time) : form.run_time,
    profile: form.profile,
    userClasses: new Set(form.user_classes.map((each) => each.name)),
    shape: (running ? running.shape : form.shape) ?? "",
    arguments: Object.fromEntries(form.arguments.map((each) => [each.name, argumentValue(each)])),
  };
}

// Whether users, spawn rate and run time mean anything: a shape decides them unless it asks for them.
export function needsCommonOptions(form: Form, values: Values): boolean {
  return values.shape === "" || form.use_common_options;
}

// What is wrong with the values by the name of the field; empty if nothing is.
export function problems(form: Form, values: Values, isEdit: boolean): Partial<Record<keyof Values, string>> {
  const found: Partial<Record<keyof Values, string>> = {};
  if (needsCommonOptions(form, values)) {
    if (!/^\d+$/.test(values.users.trim()) || Number(values.users) < 1)
      found.users = "A whole number, 1 or more.";
    if (!(Number(values.spawnRate) > 0)) found.spawnRate = "A number greater than 0.";
    if (values.runTime.trim() !== "" && !parseRunTime(values.runTime)) {
      found.runTime = "A time such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s; empty runs until it is stopped.";
    }
  }
  if (form.class_picker && !isEdit && form.user_classes.length > 0 && values.userClasses.size === 0) {
    found.userClasses = "Choose one user class at least.";
  }
  return found;
}

// The fields as stock's /swarm takes them.
export function fieldsOf(form: Form, values: Values, isEdit: boolean): URLSearchParams {
  const fields = new URLSearchParams();
  if (needsCommonOptions(form, values)) {
    fields.set("user_count", values.users.trim());
    fields.set("spawn_rate", values.spawnRate.trim());
    fields.set("run_time", values.runTime.trim());
  }
  fields.set("host", values.host.trim());
  fields.set("profile", values.profile.trim());
  if (form.class_picker && !isEdit) {
    for (const name of values.userClasses) fields.append("user_classes", name);
    if (form.shapes.length > 0) fields.set("shape_class", values.shape || noShape);
  }
  for (const argument of form.arguments) {
    const value = values.arguments[argument.name] ?? "";
    if (argument.secret && value === "") continue;
    fields.set(argument.name, String(value));
  }
  return fields;
}
