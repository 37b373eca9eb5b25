// All charts of a run, and the events marked in them.
import { useMemo } from "preact/hooks";
import type { History } from "../api";
import { percentileStyle } from "../charts/colours";
import { HeatMap } from "../charts/heat_map";
import { LineChart, type Series } from "../charts/line_chart";
import { ChartKeys } from "../charts/time_chart";
import { boundsOf, type Range, range, zoomed } from "../charts/view";
import * as format from "../format";
import { percentileColumns } from "../history";
import { useCell } from "../use_cell";

function responseTimes(history: History): Series[] {
  const percentiles = percentileColumns(history.columns);
  const series: Series[] = percentiles.map(({ key, percentile }, index) => ({
    label: `${percentile}%`,
    values: history.columns[key] ?? [],
    ...percentileStyle(index, percentiles.length),
  }));
  const average = history.columns.average;
  if (average) series.push({ label: "average", colour: "--average", dash: [1, 3], values: average });
  return series;
}

export function ChartsPanel({ history, isReport = false }: { history: History; isReport?: boolean }) {
  const { columns, markers, interval } = history;
  const rates = useMemo<Series[]>(
    () => [
      { label: "RPS", colour: "--accent", filled: true, values: columns.requests ?? [] },
      { label: "Failures/s", colour: "--bad", values: columns.failures ?? [] },
    ],
    [history],
  );
  const times = useMemo(() => responseTimes(history), [history]);
  const users = useMemo<Series[]>(
    () => [{ label: "Users", colour: "--users", filled: true, values: columns.user_count ?? [] }],
    [history],
  );
  if (columns.time.length === 0) return <p class="empty card">Nothing measured yet.</p>;
  const shared = { times: columns.time, interval, markers };
  return (
    <>
      <RangeBar history={history} isReport={isReport} />
      <div class="charts">
        <LineChart title="Total Requests per Second" series={rates} format={format.shortRate} {...shared} />
        <LineChart title="Response Times (ms)" series={times} format={format.ms} {...shared} />
        <LineChart title="Number of Users" series={users} format={format.count} isWhole {...shared} />
        <HeatMap history={history} />
      </div>
      <ChartKeys />
      <Events history={history} />
    </>
  );
}

const ranges: { text: string; range: Range }[] = [
  { text: "5 minutes", range: { kind: "last", seconds: 300 } },
  { text: "30 minutes", range: { kind: "last", seconds: 1800 } },
  { text: "Whole run", range: { kind: "all" } },
];

function isSame(left: Range, right: Range): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function RangeBar({ history, isReport }: { history: History; isReport: boolean }) {
  const shown = useCell(range);
  const times = history.columns.time;
  const zoom = (factor: number) => {
    range.value = zoomed(boundsOf(range.value, times), factor, times, null);
  };
  const [from, to] = boundsOf(shown, times);
  return (
    <div class="toolbar no-print" role="group" aria-label="Time shown">
      {ranges
        .filter((each) => !isReport || each.range.kind === "all")
        .map((each) => (
          <button
            key={each.text}
            type="button"
            aria-pressed={isSame(each.range, shown)}
            onClick={() => {
              range.value = each.range;
            }}
          >
            {each.text}
          </button>
        ))}
      <button type="button" onClick={() => zoom(0.5)}>
        Zoom in
      </button>
      <button type="button" disabled={shown.kind === "all"} onClick={() => zoom(2)}>
        Zoom out
      </button>
      {times.length > 0 && (
        <span class="hint">
          {format.time(from)} to {format.time(to)}
          {history.interval > 1 ? `, a point every ${history.interval} seconds` : ""}
        </span>
      )}
    </div>
  );
}

function Events({ history }: { history: History }) {
  if (history.markers.length === 0) return null;
  return (
    <section class="card" aria-labelledby="events-heading">
      <h3 id="events-heading">Events</h3>
      <ol class="events">
        {history.markers.map((marker) => (
          <li key={`${marker.time} ${marker.kind}`}>
            <time>{format.time(marker.time)}</time> <b>{marker.kind}</b> {marker.text}
          </li>
        ))}
      </ol>
    </section>
  );
}
