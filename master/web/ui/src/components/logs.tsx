// The log of the master or of one of the workers; stays at the end while that is in sight.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Logs } from "../api";
import * as format from "../format";

const master = "";

function level(line: string): string | undefined {
  const found = /\/(WARNING|ERROR|CRITICAL)\//.exec(line);
  if (!found) return undefined;
  return found[1] === "WARNING" ? "warning" : "error";
}

export function LogsPanel({ logs }: { logs: Logs }) {
  const [source, setSource] = useState(master);
  const [filter, setFilter] = useState("");
  const lines = source === master ? logs.master : (logs.workers[source] ?? []);
  const shown = useMemo(() => {
    const wanted = filter.toLowerCase();
    return lines.filter((line) => line.toLowerCase().includes(wanted));
  }, [lines, filter]);
  return (
    <>
      <div class="toolbar">
        <label>
          Log of{" "}
          <select value={source} onChange={(event) => setSource(event.currentTarget.value)}>
            <option value={master}>the master</option>
            {Object.keys(logs.workers).map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <label>
          Filter{" "}
          <input type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        </label>
        <span class="hint" role="status">
          {format.counted(shown.length, "line")}
        </span>
      </div>
      <Lines key={source} lines={shown} />
    </>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  const element = useRef<HTMLElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const target = element.current;
    if (target && follows.current) target.scrollTop = target.scrollHeight;
  }, [lines]);
  return (
    <section
      ref={element}
      class="text log card"
      tabIndex={0}
      aria-label="Log"
      onScroll={(event) => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
        follows.current = scrollTop + clientHeight >= scrollHeight - 20;
      }}
    >
      <pre>
        {lines.length === 0
          ? "No lines."
          : lines.map((line, index) => (
              <span key={index} class={level(line)}>
                {`${line}\n`}
              </span>
            ))}
      </pre>
    </section>
  );
}
