// What /api/v1 answers. Written by the test PageTypes from the schemas of the OpenAPI
// description (master/web/openapi_schemas.cc): change those, then run it with
// LOCUST_WRITE_PAGE_TYPES=1.

export interface Argument {
  choices: string[] | null;
  default: string;
  help: string;
  // A list, separated by commas
  multiple: boolean;
  name: string;
  secret: boolean;
  type: "text" | "number" | "bool";
}

export interface Entries {
  entries: Entry[];
  percentiles: number[];
  total: Total;
  two_digits: boolean;
  version: number;
}

export interface Entry {
  avg_content_length: number;
  avg_response_time: number;
  current_fail_per_sec: number;
  current_rps: number;
  max_response_time: number;
  median_response_time: number;
  method: string;
  min_response_time: number;
  name: string;
  num_failures: number;
  // Without a response time
  num_none_requests: number;
  num_requests: number;
  // By percent: "99.9"
  percentiles: Record<string, number | null>;
  // By percent; null: none was measured
  phases: Phases | null;
  total_fail_per_sec: number;
  total_rps: number;
}

export interface Exceptions {
  exceptions: TestException[];
  version: number;
}

export interface Exchange {
  request: string;
  response: string;
  values: {
    value: string;
    what: string;
  }[];
}

export interface Failure {
  error: string;
  exchange: Exchange | null;
  first_seen: number | null;
  last_seen: number | null;
  method: string;
  name: string;
  occurrences: number;
}

export interface Failures {
  failures: Failure[];
  version: number;
}

export interface Form {
  arguments: Argument[];
  class_picker: boolean;
  csrf: string | null;
  full_history: boolean;
  host: string;
  login: {
    user: string | null;
  };
  profile: string;
  run_time: string;
  shape: string | null;
  shapes: string[];
  spawn_rate: number;
  use_common_options: boolean;
  user_classes: UserClass[];
  users: number;
  version: number;
  version_text: string;
}

export interface History {
  columns: {
    average: (number | null)[];
    failures: number[];
    requests: number[];
    time: number[];
    user_count: number[];
    // "p99.9": the 99.9th percentile
    [name: string]: (number | null)[];
  };
  // These are all points, not those after the given time
  complete: boolean;
  heat: {
    bounds: number[];
    cells: number[][];
  };
  // Seconds per point
  interval: number;
  markers: Marker[];
  version: number;
}

export interface Logs {
  master: string[];
  version: number;
  workers: Record<string, string[]>;
}

export interface Marker {
  kind: "start" | "edit" | "stop" | "reset" | "end";
  text: string;
  time: number;
}

export interface Phases {
  connect?: Record<string, number>;
  dns?: Record<string, number>;
  first_byte?: Record<string, number>;
  tls?: Record<string, number>;
}

export interface Report {
  created: number;
  entries: Entries;
  exceptions: Exceptions;
  failures: Failures;
  history: History;
  invalid_reasons: string[];
  kind: "report";
  parameters: {
    name: string;
    value: string;
  }[];
  tasks: Tasks;
  tick: Tick;
  verdicts: Threshold[];
  version_text: string;
  workers: Workers;
}

export interface Run {
  end_time: number | null;
  // Of -H or the form, for all classes
  host: string | null;
  // host, or those of the classes
  hosts: string[];
  // 0: there was no test yet
  id: number;
  // Seconds
  run_time: number | null;
  shape: string | null;
  spawn_rate: number;
  start_time: number | null;
  target_user_count: number;
}

export interface Task {
  ratio: number;
  tasks?: Record<string, Task>;
}

export interface Tasks {
  per_class: Record<string, Task>;
  total: Record<string, Task>;
  version: number;
}

export interface TestException {
  count: number;
  msg: string;
  nodes: string[];
  traceback: string;
}

export interface Threshold {
  holds: boolean;
  margin: string;
  measured: string;
  text: string;
  two_digits: boolean;
}

export interface Tick {
  expected_workers: number;
  run: Run;
  state: "ready" | "spawning" | "running" | "stopping" | "stopped";
  thresholds: Threshold[];
  time: number;
  total: Entry;
  user_classes_count: Record<string, number>;
  user_count: number;
  versions: {
    entries: number;
    exceptions: number;
    failures: number;
    form: number;
    history: number;
    logs: number;
    tasks: number;
    workers: number;
  };
  warnings: string[];
  worker_count: number;
}

export interface Total {
  avg_content_length: number;
  avg_response_time: number;
  current_fail_per_sec: number;
  current_rps: number;
  // Pairs of percent and milliseconds
  curve: [number, number][];
  max_response_time: number;
  median_response_time: number;
  method: string;
  min_response_time: number;
  name: string;
  num_failures: number;
  // Without a response time
  num_none_requests: number;
  num_requests: number;
  // By percent: "99.9"
  percentiles: Record<string, number | null>;
  // By percent; null: none was measured
  phases: Phases | null;
  total_fail_per_sec: number;
  total_rps: number;
}

export interface UserClass {
  fixed_count: number;
  host: string | null;
  in_test: boolean;
  name: string;
  weight: number;
}

export interface Worker {
  // Seconds
  clock_ahead: number;
  // Percent of one core
  cpu_usage: number;
  id: string;
  index: number;
  // Why it limits the test
  limits: string[];
  // Milliseconds
  loop_lag: number | null;
  // Bytes
  memory_usage: number;
  native: boolean;
  state: string;
  user_count: number;
}

export interface Workers {
  version: number;
  workers: Worker[];
}
