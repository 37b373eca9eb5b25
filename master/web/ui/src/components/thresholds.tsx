// Thresholds with what was measured and how much room is left.
import type { Threshold } from "../api";

export function Thresholds({ thresholds }: { thresholds: readonly Threshold[] }) {
  return (
    <div class="card table-card">
      <table class="small wide">
        <caption class="visually-hidden">Thresholds</caption>
        <thead>
          <tr>
            <th scope="col">Threshold</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number">
              Measured
            </th>
            <th scope="col" class="number">
              Margin
            </th>
          </tr>
        </thead>
        <tbody>
          {thresholds.map((threshold) => (
            <tr key={threshold.text}>
              <th scope="row">{threshold.text}</th>
              <td>
                <Verdict holds={threshold.holds} />
              </td>
              <td class="number">
                {threshold.measured}
                {threshold.two_digits && (
                  <span title="Measured with two digits: stock workers take part"> ≈</span>
                )}
              </td>
              <td class={threshold.holds ? "number" : "number bad"}>{threshold.margin}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Verdict({ holds }: { holds: boolean }) {
  return <span class={holds ? "verdict good" : "verdict bad"}>{holds ? "✓ holds" : "✗ does not hold"}</span>;
}

// For the head of the page, where there is little room.
export function shortVerdict(thresholds: readonly Threshold[]): string {
  const broken = thresholds.filter((threshold) => !threshold.holds).length;
  return broken === 0 ? `${thresholds.length} hold` : `${broken} of ${thresholds.length} broken`;
}

export function verdictSummary(thresholds: readonly Threshold[]): string {
  const broken = thresholds.filter((threshold) => !threshold.holds).length;
  if (broken === 0)
    return thresholds.length === 1 ? "The threshold holds" : `All ${thresholds.length} thresholds hold`;
  return `${broken} of ${thresholds.length} threshold${thresholds.length === 1 ? "" : "s"} broken`;
}
