// The table of request names.
import { useMemo, useState } from "preact/hooks";
import type { Entries, Entry } from "../api";
import * as format from "../format";
import { type Column, DataTable } from "./data_table";
import { EntryDetails, failedShare } from "./entry_details";

function entryKey(entry: Entry): string {
  return `${entry.method}\n${entry.name}`;
}

type Show = (entry: Entry) => void;

function number(
  key: string,
  title: string,
  width: number,
  value: (entry: Entry) => number | null | undefined,
  text: (value: number | null | undefined) => string,
): Column<Entry> {
  return { key, title, width, numeric: true, sort: value, cell: (entry) => text(value(entry)) };
}

function Name({ entry, isTotal, onShow }: { entry: Entry; isTotal: boolean; onShow: Show }) {
  if (isTotal) return <>Aggregated</>;
  return (
    <button type="button" class="link" title={entry.name} onClick={() => onShow(entry)}>
      {entry.name}
    </button>
  );
}

// The median has a column of its own, as in stock.
function shownPercentiles(percentiles: readonly number[]): number[] {
  return percentiles.filter((percentile) => percentile !== 50);
}

function columnsOf(data: Entries, onShow: Show): Column<Entry>[] {
  const isTotal = (entry: Entry) => entry === data.total;
  return [
    {
      key: "method",
      title: "Type",
      width: 64,
      sort: (entry) => entry.method,
      cell: (entry) => (isTotal(entry) ? "" : entry.method),
    },
    {
      key: "name",
      title: "Name",
      width: 200,
      grows: true,
      header: true,
      sort: (entry) => entry.name,
      cell: (entry) => <Name entry={entry} isTotal={isTotal(entry)} onShow={onShow} />,
    },
    number("requests", "# Requests", 100, (entry) => entry.num_requests, format.count),
    {
      ...number("failures", "# Fails", 74, (entry) => entry.num_failures, format.count),
      cell: (entry) => (
        <span class={entry.num_failures > 0 ? "bad" : undefined}>{format.count(entry.num_failures)}</span>
      ),
    },
    number("failed", "Fails", 72, failedShare, format.percent),
    number("median", "Median (ms)", 78, (entry) => entry.median_response_time, format.ms),
    ...shownPercentiles(data.percentiles).map((percentile) =>
      number(
        `p${percentile}`,
        `${percentile}%ile (ms)`,
        percentile % 1 === 0 ? 78 : 84,
        (entry) => entry.percentiles[String(percentile)],
        format.ms,
      ),
    ),
    number("average", "Average (ms)", 82, (entry) => entry.avg_response_time, format.ms),
    number("min", "Min (ms)", 66, (entry) => entry.min_response_time, format.ms),
    number("max", "Max (ms)", 70, (entry) => entry.max_response_time, format.ms),
    number("size", "Average size (bytes)", 90, (entry) => entry.avg_content_length, format.count),
    number("rps", "Current RPS", 96, (entry) => entry.current_rps, format.rate),
    number("fps", "Current Failures/s", 92, (entry) => entry.current_fail_per_sec, format.rate),
  ];
}

// A report shows the rates of the whole run in place of the present ones.
function wholeRun(columns: Column<Entry>[]): Column<Entry>[] {
  return [
    ...columns.slice(0, -2),
    number("rps", "RPS", 96, (entry) => entry.total_rps, format.rate),
    number("fps", "Failures/s", 84, (entry) => entry.total_fail_per_sec, format.rate),
  ];
}

export function StatisticsTable({ data, isReport = false }: { data: Entries; isReport?: boolean }) {
  const [filter, setFilter] = useState("");
  const [shown, setShown] = useState<string | null>(null);
  const columns = useMemo(() => {
    const all = columnsOf(data, (entry) => setShown(entryKey(entry)));
    return isReport ? wholeRun(all) : all;
  }, [data]);
  const rows = useMemo(() => {
    const wanted = filter.toLowerCase();
    return data.entries.filter((entry) => `${entry.method} ${entry.name}`.toLowerCase().includes(wanted));
  }, [data, filter]);
  const details = shown === null ? undefined : data.entries.find((entry) => entryKey(entry) === shown);
  return (
    <>
      <div class="toolbar no-print">
        <label>
          Filter{" "}
          <input
            type="search"
            value={filter}
            placeholder="type or name"
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </label>
        <span class="hint" role="status">
          {filter === ""
            ? format.counted(data.entries.length, "name")
            : `${format.count(rows.length)} of ${format.counted(data.entries.length, "name")}`}
        </span>
        {data.two_digits && !isReport && <TwoDigits />}
      </div>
      <DataTable
        label="Statistics"
        columns={columns}
        rows={rows}
        rowKey={entryKey}
        initial={{ key: "name", descending: false }}
        footer={data.total}
        empty={filter === "" ? "No requests yet." : "No name like this."}
        isReport={isReport}
      />
      {isReport && data.two_digits && <TwoDigits />}
      {details && <EntryDetails entry={details} onClose={() => setShown(null)} />}
    </>
  );
}

function TwoDigits() {
  return <span class="hint">Percentiles have two digits: stock workers take part.</span>;
}
