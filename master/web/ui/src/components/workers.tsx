// The workers, and what limits them.
import { useMemo } from "preact/hooks";
import type { Worker } from "../api";
import * as format from "../format";
import { type Column, DataTable } from "./data_table";
import { StateText } from "./state_text";

// From here on a figure says that the worker, and not the target, may be the limit.
const busyCpu = 90;
const lateLoop = 50;
const wrongClock = 1;

function marked(isBad: boolean, text: string) {
  return isBad ? <span class="bad">{text}</span> : text;
}

function limitsText(limits: readonly string[]) {
  if (limits.length === 0) return format.missing;
  const text = limits.join("; ");
  return (
    <span class="bad" title={text}>
      {text}
    </span>
  );
}

const columns: Column<Worker>[] = [
  {
    key: "id",
    title: "Worker",
    width: 190,
    header: true,
    sort: (worker) => worker.index,
    cell: (worker) => <span title={worker.id}>{worker.id}</span>,
  },
  {
    key: "kind",
    title: "Kind",
    width: 76,
    sort: (worker) => (worker.native ? "native" : "stock"),
    cell: (worker) => (worker.native ? "native" : "stock"),
  },
  {
    key: "state",
    title: "State",
    width: 110,
    sort: (worker) => worker.state,
    cell: (worker) => <StateText state={worker.state} />,
  },
  {
    key: "users",
    title: "# Users",
    width: 84,
    numeric: true,
    sort: (worker) => worker.user_count,
    cell: (worker) => format.count(worker.user_count),
  },
  {
    key: "cpu",
    title: "CPU usage",
    width: 94,
    numeric: true,
    sort: (worker) => worker.cpu_usage,
    cell: (worker) =>
      marked(
        (worker.cpu_usage ?? 0) >= busyCpu,
        format.percent(worker.cpu_usage === null ? null : worker.cpu_usage / 100),
      ),
  },
  {
    key: "memory",
    title: "Memory usage",
    width: 112,
    numeric: true,
    sort: (worker) => worker.memory_usage,
    cell: (worker) => format.bytes(worker.memory_usage),
  },
  {
    key: "lag",
    title: "Loop lag (ms)",
    width: 106,
    numeric: true,
    sort: (worker) => worker.loop_lag,
    cell: (worker) => marked((worker.loop_lag ?? 0) >= lateLoop, format.ms(worker.loop_lag)),
  },
  {
    key: "clock",
    title: "Clock offset",
    width: 104,
    numeric: true,
    sort: (worker) => worker.clock_ahead,
    cell: (worker) =>
      marked(Math.abs(worker.clock_ahead ?? 0) >= wrongClock, format.clockOffset(worker.clock_ahead)),
  },
  {
    key: "limits",
    title: "Limits",
    width: 150,
    grows: true,
    sort: (worker) => worker.limits.length || null,
    cell: (worker) => limitsText(worker.limits),
  },
];

interface Props {
  workers: readonly Worker[];
  isReport?: boolean;
}

export function WorkersTable({ workers, isReport = false }: Props) {
  const summary = useMemo(() => {
    const missing = workers.filter((worker) => worker.state === "missing").length;
    const limited = workers.filter((worker) => worker.limits.length > 0).length;
    const parts = [format.counted(workers.length, "worker")];
    if (missing > 0) parts.push(`${format.count(missing)} missing`);
    if (limited > 0) parts.push(`${format.count(limited)} at a limit`);
    return parts.join(", ");
  }, [workers]);
  return (
    <>
      <p class="toolbar hint">{summary}</p>
      <DataTable
        label="Workers"
        columns={columns}
        rows={workers}
        rowKey={(worker) => worker.id}
        initial={{ key: "id", descending: false }}
        empty="No worker has connected yet."
        isReport={isReport}
      />
    </>
  );
}
