// Live: the master's event stream, opened again whenever it breaks.
import { getJson, type Tick } from "./api";
import { Cell } from "./cell";

export type Connection = { state: "connecting" } | { state: "live" } | { state: "lost"; since: number };

// Ticks come once a second; without any for so long the connection is dead, whatever the browser thinks.
const silenceLimit = 10_000;

// How long to wait before the nth attempt in a row to reach the master.
export function retryDelay(attempt: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 10_000);
}

export class Live {
  readonly tick = new Cell<Tick | null>(null);
  readonly connection = new Cell<Connection>({ state: "connecting" });
  // Counts the times that the stream was opened: what was fetched before may be another master's.
  readonly opened = new Cell(0);

  private source: EventSource | null = null;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;

  start(): void {
    this.source = new EventSource("api/v1/events");
    let first = true;
    this.source.addEventListener("tick", (event) => {
      if (first) ++this.opened.value;
      first = false;
      this.attempt = 0;
      this.connection.value = { state: "live" };
      this.watchSilence();
      this.tick.value = JSON.parse((event as MessageEvent<string>).data) as Tick;
    });
    this.source.addEventListener("error", () => this.retry());
    this.watchSilence();
  }

  private watchSilence(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.retry(), silenceLimit);
  }

  // The browser tries again by itself after some failures, never after others; so all is done here.
  private retry(): void {
    this.source?.close();
    clearTimeout(this.silence);
    if (this.connection.value.state !== "lost")
      this.connection.value = { state: "lost", since: Date.now() / 1000 };
    this.attempt += 1;
    setTimeout(() => void this.start(), retryDelay(this.attempt));
    // An event stream does not tell why it failed; this goes to the login page if the session has ended.
    getJson("api/v1/form").catch(() => undefined);
  }
}
