// One request name in full: its figures, and how long each phase of a request took.
import type { Entry, Percentiles, Phase } from "../api";
import * as format from "../format";
import { Dialog } from "./dialog";

export function failedShare(entry: Entry): number | null {
  return entry.num_requests > 0 ? entry.num_failures / entry.num_requests : null;
}

const phases: [Phase, string][] = [
  ["dns", "Name lookup"],
  ["connect", "Connect"],
  ["tls", "TLS handshake"],
  ["first_byte", "First byte"],
];

export function EntryDetails({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  return (
    <Dialog title={`${entry.method} ${entry.name}`.trim()} onClose={onClose}>
      <dl class="facts">
        <Fact name="Requests" value={format.count(entry.num_requests)} />
        <Fact
          name="Failures"
          value={`${format.count(entry.num_failures)} (${format.percent(failedShare(entry))})`}
        />
        <Fact
          name="RPS"
          value={`${format.rate(entry.current_rps)} now, ${format.rate(entry.total_rps)} in all`}
        />
        <Fact name="Average" value={`${format.ms(entry.avg_response_time)} ms`} />
        <Fact
          name="Range"
          value={`${format.ms(entry.min_response_time)} to ${format.ms(entry.max_response_time)} ms`}
        />
      </dl>
      <PhaseTable entry={entry} />
    </Dialog>
  );
}

// Response times and, if native workers measured them, their phases.
export function PhaseTable({ entry }: { entry: Entry }) {
  const percentiles = Object.keys(entry.percentiles).sort((left, right) => Number(left) - Number(right));
  const rows: [string, Percentiles][] = [["Response time", entry.percentiles]];
  for (const [phase, title] of phases) {
    const values = entry.phases?.[phase];
    if (values) rows.push([title, values]);
  }
  return <PercentileTable percentiles={percentiles} rows={rows} />;
}

interface PercentileTableProps {
  percentiles: string[];
  rows: [title: string, values: Percentiles][];
}

export function PercentileTable({ percentiles, rows }: PercentileTableProps) {
  return (
    <table class="small">
      <caption>Milliseconds by percentile</caption>
      <thead>
        <tr>
          <td />
          {percentiles.map((percentile) => (
            <th key={percentile} scope="col" class="number">
              {percentile}%
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([title, values]) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            {percentiles.map((percentile) => (
              <td key={percentile} class="number">
                {format.ms(values[percentile])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
