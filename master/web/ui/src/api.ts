// What the master's web server answers, and how it is asked. Addresses are relative, so the page works
// behind any base path.

import type { Entry, History, Phases, Tick } from "./answers";

export type * from "./answers";

export type Percentiles = Entry["percentiles"];
export type Phase = keyof Phases;
export type CollectionName = keyof Tick["versions"];
export type HistoryColumns = History["columns"];

// Stock's, to /swarm.
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
