// Session: all that the page knows of its master, and the commands to it.
import {
  type Answer,
  type CollectionName,
  type Entries,
  type Exceptions,
  type Failures,
  type Form,
  getJson,
  type History,
  type Logs,
  sendCommand,
  type Tasks,
  type Workers,
} from "./api";
import { Collection } from "./collection";
import { mergeHistory, missingAfter } from "./history";
import { Live } from "./live";

export const live = new Live();

function collection<T>(name: CollectionName): Collection<T> {
  return new Collection<T>(
    () => getJson<T>(`api/v1/${name}`),
    () => live.tick.value?.versions[name],
  );
}

export const entries = collection<Entries>("entries");
export const failures = collection<Failures>("failures");
export const exceptions = collection<Exceptions>("exceptions");
export const workers = collection<Workers>("workers");
export const logs = collection<Logs>("logs");
export const tasks = collection<Tasks>("tasks");
export const form = collection<Form>("form");
export const history = new Collection<History>(
  async (held) => {
    const after = missingAfter(held);
    const query = after === null ? "" : `?after=${after}`;
    return mergeHistory(after === null ? null : held, await getJson<History>(`api/v1/history${query}`));
  },
  () => live.tick.value?.versions.history,
);

const all: Pick<Collection<unknown>, "invalidate" | "refresh">[] = [
  entries,
  failures,
  exceptions,
  workers,
  logs,
  tasks,
  form,
  history,
];

// Whether something changed that the versions do not tell: another run, or another master.
function startsAnew(run: number | undefined, opened: number): boolean {
  const changed = run !== seen.run || opened !== seen.opened;
  seen = { run, opened };
  return changed;
}
let seen: { run: number | undefined; opened: number } = { run: undefined, opened: 0 };

function refreshAll(): void {
  if (document.hidden) return;
  if (startsAnew(live.tick.value?.run.id, live.opened.value)) for (const each of all) each.invalidate();
  for (const each of all) each.refresh();
}

export function start(): void {
  live.tick.subscribe(refreshAll);
  document.addEventListener("visibilitychange", refreshAll);
  live.start();
}

function csrf(): string | null {
  return form.data.value?.csrf ?? null;
}

// Starts a test, or changes the one that runs. Throws what the master has against it.
export async function swarm(fields: URLSearchParams): Promise<string> {
  const answer = JSON.parse(await sendCommand("swarm", csrf(), fields)) as Answer;
  if (!answer.success) throw new Error(answer.message);
  return answer.message;
}

export async function stop(): Promise<void> {
  await sendCommand("stop", csrf());
}

export async function resetStats(): Promise<void> {
  await sendCommand("stats/reset", csrf());
}

export async function logOut(): Promise<void> {
  await sendCommand("logout", csrf(), new URLSearchParams());
  location.assign("login");
}
