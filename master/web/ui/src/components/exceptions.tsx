// Exceptions that test code raised.
import type { TestException } from "../api";
import * as format from "../format";
import { Text } from "./failures";

export function ExceptionsPanel({ exceptions }: { exceptions: readonly TestException[] }) {
  if (exceptions.length === 0) return <p class="empty card">No exceptions.</p>;
  return (
    <ul class="exceptions">
      {exceptions.map((exception) => (
        <li key={`${exception.msg}\n${exception.traceback}`} class="card">
          <h3>
            <span class="badge">{format.count(exception.count)}×</span> {exception.msg}
          </h3>
          <Text label="Traceback" text={exception.traceback} />
          <p class="hint">Workers: {exception.nodes.join(", ") || format.missing}</p>
        </li>
      ))}
    </ul>
  );
}
