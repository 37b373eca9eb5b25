// What the master's web server answers, and how it is asked. Addresses are relative, so the page works
// behind any base path.

// A response time, in milliseconds, by percentile ("99.9").
export type Percentiles = Record<string, number | null>;

export type Phase = "dns" | "connect" | "tls" | "first_byte";

export interface Entry {
  method: string | null;
  name: string;
  num_requests: number;
  num_failures: number;
  num_none_requests: number;
  avg_response_time: number | null;
  min_response_time: number | null;
  max_response_time: number | null;
  median_response_time: number | null;
  avg_content_length: number | null;
  current_rps: number;
  current_fail_per_sec: number;
  total_rps: number;
  total_fail_per_sec: number;
  percentiles: Percentiles;
  phases?: Partial<Record<Phase, Percentiles>> | null;
  // Pairs of percentile and milliseconds; of a report's total only.
  curve?: [number, number][];
}

export interface Threshold {
  text: string;
  holds: boolean;
  measured: string;
  margin: string;
  // Measured by histograms of two digits: some requests came from stock workers.
  two_digits?: boolean;
}

export type State = "ready" | "spawning" | "running" | "stopping" | "stopped";

export interface Run {
  id: number;
  start_time: number | null;
  end_time: number | null;
  host: string | null;
  // host, or those of the user classes.
  hosts: string[];
  target_user_count: number | null;
  spawn_rate: number | null;
  run_time: number | null;
  shape: string | null;
}

export const collectionNames = [
  "entries",
  "failures",
  "exceptions",
  "workers",
  "logs",
  "tasks",
  "history",
  "form",
] as const;
export type CollectionName = (typeof collectionNames)[number];

// What comes once a second.
export interface Tick {
  time: number;
  state: State;
  run: Run;
  user_count: number;
  user_classes_count: Record<string, number>;
  worker_count: number;
  expected_workers: number | null;
  total: Entry;
  thresholds: Threshold[];
  warnings: string[];
  versions: Partial<Record<CollectionName, number>>;
}

export interface Entries {
  version: number;
  percentiles: number[];
  entries: Entry[];
  total: Entry;
  two_digits: boolean;
}

export interface Exchange {
  request: string;
  response: string;
  values: { what: string; value: string }[];
}

export interface Failure {
  method: string | null;
  name: string;
  error: string;
  occurrences: number;
  exchange: Exchange | null;
}

export interface Failures {
  version: number;
  failures: Failure[];
}

export interface TestException {
  count: number;
  msg: string;
  traceback: string;
  nodes: string[];
}

export interface Exceptions {
  version: number;
  exceptions: TestException[];
}

export interface Worker {
  id: string;
  index: number;
  state: string;
  user_count: number;
  cpu_usage: number | null;
  memory_usage: number | null;
  loop_lag: number | null;
  clock_ahead: number | null;
  native: boolean;
  limits: string[];
}

export interface Workers {
  version: number;
  workers: Worker[];
}

export interface Logs {
  version: number;
  master: string[];
  workers: Record<string, string[]>;
}

export interface TaskRatio {
  ratio: number;
  tasks?: Record<string, TaskRatio>;
}

export interface Tasks {
  version: number;
  per_class: Record<string, TaskRatio>;
  total: Record<string, TaskRatio>;
}

export type MarkerKind = "start" | "edit" | "stop" | "reset" | "end";

export interface Marker {
  time: number;
  kind: MarkerKind;
  text: string;
}

export type HistoryColumns = { time: number[] } & Record<string, (number | null)[]>;

export interface History {
  version: number;
  // Seconds between points.
  interval: number;
  // Whether these are all points, and not only those after the time that was asked for.
  complete?: boolean;
  columns: HistoryColumns;
  markers: Marker[];
  heat: {
    // Upper bounds of the rows in milliseconds, ascending.
    bounds: number[];
    // For each point its requests in each row.
    cells: number[][];
  };
}

export interface UserClass {
  name: string;
  weight: number;
  fixed_count: number;
  host: string | null;
}

export interface Argument {
  name: string;
  default: string | number | boolean | null;
  help: string | null;
  choices: string[] | null;
  secret: boolean;
  // A list, whose elements have commas between them.
  multiple?: boolean;
  type: "text" | "number" | "bool";
}

export interface Form {
  version?: number;
  users: number;
  spawn_rate: number;
  host: string;
  run_time: string;
  profile: string;
  class_picker: boolean;
  user_classes: UserClass[];
  shapes: string[];
  shape: string | null;
  use_common_options: boolean;
  arguments: Argument[];
  full_history: boolean;
  version_text: string;
  login: { user: string | null } | null;
  csrf: string | null;
}

// What the master writes into report.html.
export interface Report {
  kind: "report";
  version_text: string;
  created: number;
  tick: Tick;
  entries: Entries;
  failures: Failures;
  exceptions: Exceptions;
  workers: Workers;
  tasks: Tasks;
  history: History;
  verdicts: Threshold[];
  parameters: { name: string; value: string }[];
  invalid_reasons: string[];
}

export interface Answer {
  success: boolean;
  message: string;
}

// A session has ended: the only way on is to log in again.
function requireSession(response: Response): void {
  const sentToLogin = response.redirected && new URL(response.url).pathname.endsWith("/login");
  if (response.status !== 401 && !sentToLogin) return;
  location.assign("login");
  throw new Error("The session has ended.");
}

export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { cache: "no-store" });
  requireSession(response);
  if (!response.ok) throw new Error(`The master answered ${response.status} ${response.statusText}`);
  return (await response.json()) as T;
}

// Sends a command and gives its answer as text. `csrf` is the login's, null where none protects the
// page.
export async function sendCommand(
  path: string,
  csrf: string | null,
  body?: URLSearchParams,
): Promise<string> {
  const response = await fetch(path, {
    method: "POST",
    headers: csrf ? { "X-CSRF-Token": csrf } : {},
    body: body ?? null,
    cache: "no-store",
  });
  requireSession(response);
  const text = await response.text();
  if (!response.ok) throw new Error(text || `The master answered ${response.status} ${response.statusText}`);
  return text;
}
