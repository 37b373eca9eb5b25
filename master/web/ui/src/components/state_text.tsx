// A state of the test or of a worker: a word, and a dot whose colour says the same.
import { capitalized } from "../format";

const tones: Record<string, string> = {
  running: "good",
  spawning: "busy",
  stopping: "busy",
  missing: "bad",
};

export function StateText({ state }: { state: string }) {
  return (
    <span class="state">
      <span class={`dot ${tones[state] ?? "idle"}`} aria-hidden="true" />
      {capitalized(state)}
    </span>
  );
}
