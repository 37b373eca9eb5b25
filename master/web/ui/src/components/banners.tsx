// What one must know whatever one looks at: the master is gone, or the figures may be wrong. And, for
// screen readers only, each change of the state.
import type { Tick } from "../api";
import * as format from "../format";
import type { Connection } from "../live";

export function Banners({ connection, warnings }: { connection: Connection; warnings: readonly string[] }) {
  return (
    <div class="banners">
      {connection.state === "lost" && (
        <p class="banner bad" role="alert">
          The master cannot be reached since {format.time(connection.since)}. Figures are as they were then;
          this page goes on trying.
        </p>
      )}
      {warnings.length > 0 && (
        <ul class="banner warning" aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function announcement(tick: Tick | null): string {
  if (!tick) return "Connecting to the master";
  switch (tick.state) {
    case "running":
      return `Test running with ${format.counted(tick.run.target_user_count ?? tick.user_count, "user")}`;
    case "spawning":
      return "Test spawning users";
    case "stopping":
      return "Test stopping";
    case "stopped":
      return "Test stopped";
    default:
      return "Ready to start a test";
  }
}

export function Announcer({ tick }: { tick: Tick | null }) {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announcement(tick)}
    </div>
  );
}
