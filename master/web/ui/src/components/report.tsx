// The report of a run: the page's components, one after the other, from data that never changes.
import type { ComponentChildren } from "preact";
import type { Percentiles, Report } from "../api";
import { CurveChart } from "../charts/curve_chart";
import * as format from "../format";
import { printing } from "../theme";
import { ChartsPanel } from "./charts_panel";
import { Fact, PercentileTable, PhaseTable } from "./entry_details";
import { ExceptionsPanel } from "./exceptions";
import { FailuresTable } from "./failures";
import { RatioPanel } from "./ratio";
import { StatisticsTable } from "./statistics";
import { ThemeButton } from "./theme_button";
import { Thresholds, verdictSummary } from "./thresholds";
import { WorkersTable } from "./workers";

export function ReportPage({ report }: { report: Report }) {
  const { failures, exceptions, workers, verdicts } = report;
  const curve = report.entries.total.curve;
  return (
    <>
      <Head report={report} />
      <main class="report">
        <Summary report={report} />
        {verdicts.length > 0 && (
          <Section id="thresholds" title="Thresholds">
            <Thresholds thresholds={verdicts} />
          </Section>
        )}
        <Section id="statistics" title="Statistics">
          <StatisticsTable data={report.entries} isReport />
        </Section>
        <Section id="charts" title="Charts">
          <ChartsPanel history={report.history} isReport />
        </Section>
        {curve.length > 1 && (
          <Section id="percentiles" title="Response Time by Percentile (ms)">
            <div class="card chart">
              <CurveChart curve={curve} />
            </div>
            <CurveTable curve={curve} />
            {report.entries.total.phases && (
              <div class="card table-card">
                <PhaseTable entry={report.entries.total} />
              </div>
            )}
          </Section>
        )}
        <Section id="failures" title="Failures">
          <FailuresTable failures={failures.failures} isReport />
        </Section>
        <Section id="exceptions" title="Exceptions">
          <ExceptionsPanel exceptions={exceptions.exceptions} />
        </Section>
        <Section id="ratios" title="Task Ratio">
          <RatioPanel tasks={report.tasks} users={report.tick.user_classes_count} />
        </Section>
        <Section id="workers" title="Workers">
          <WorkersTable workers={workers.workers} isReport />
        </Section>
        <Section id="parameters" title="Parameters">
          <Parameters report={report} />
        </Section>
      </main>
    </>
  );
}

function Head({ report }: { report: Report }) {
  const { run } = report.tick;
  return (
    <header class="page-head">
      <div class="brand">
        <h1>Locust Test Report</h1>
        <span class="hint">
          {run.hosts.join(", ") || "no host"} · {format.dateTime(run.start_time)}
        </span>
      </div>
      <div class="commands no-print">
        <button type="button" onClick={() => print()}>
          Print
        </button>
        <ThemeButton />
      </div>
    </header>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section id={id} aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{title}</h2>
      {children}
    </section>
  );
}

function Summary({ report }: { report: Report }) {
  const { run } = report.tick;
  const { total } = report.entries;
  const share = total.num_requests > 0 ? total.num_failures / total.num_requests : null;
  const end = run.end_time ?? report.tick.time;
  return (
    <section aria-label="Summary">
      <VerdictLine report={report} />
      {report.invalid_reasons.length > 0 && (
        <div class="banner warning">
          <strong>These figures may not be what they seem:</strong>
          <ul>
            {report.invalid_reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      <dl class="figures card">
        <Fact name="Requests" value={format.count(total.num_requests)} />
        <Fact name="Failures" value={`${format.count(total.num_failures)} (${format.percent(share)})`} />
        <Fact name="RPS" value={format.rate(total.total_rps)} />
        <Fact name="Median" value={`${format.ms(total.median_response_time)} ms`} />
        {Object.entries(total.percentiles)
          .filter(([percentile]) => percentile !== "50")
          .sort(([left], [right]) => Number(left) - Number(right))
          .map(([percentile, value]) => (
            <Fact key={percentile} name={`${percentile}%ile`} value={`${format.ms(value)} ms`} />
          ))}
        <Fact name="Users" value={format.count(run.target_user_count ?? report.tick.user_count)} />
        <Fact name="Workers" value={format.count(report.workers.workers.length)} />
        <Fact
          name="Duration"
          value={format.duration(run.start_time === null ? null : end - run.start_time)}
        />
      </dl>
    </section>
  );
}

function VerdictLine({ report }: { report: Report }) {
  const { verdicts } = report;
  if (verdicts.length === 0) return null;
  const isGood = verdicts.every((verdict) => verdict.holds);
  return (
    <p class={isGood ? "banner good" : "banner bad"}>
      <strong>
        {isGood ? "✓" : "✗"} {verdictSummary(verdicts)}
      </strong>
    </p>
  );
}

const tablePercentiles = ["50", "66", "75", "80", "90", "95", "98", "99", "99.9", "99.99", "100"];

// The curve at the percentiles of stock's tables: the least response time that reaches each.
function CurveTable({ curve }: { curve: [number, number][] }) {
  const values: Percentiles = {};
  for (const wanted of tablePercentiles) {
    values[wanted] = curve.find(([percentile]) => percentile >= Number(wanted))?.[1] ?? null;
  }
  return (
    <div class="card table-card">
      <PercentileTable percentiles={tablePercentiles} rows={[["Response time", values]]} />
    </div>
  );
}

function Parameters({ report }: { report: Report }) {
  const { run } = report.tick;
  return (
    <dl class="facts card">
      <Fact name="Start" value={format.dateTime(run.start_time)} />
      <Fact name="End" value={format.dateTime(run.end_time)} />
      {run.shape && <Fact name="Shape" value={run.shape} />}
      {report.parameters.map((parameter) => (
        <Fact key={parameter.name} name={parameter.name} value={parameter.value} />
      ))}
      <Fact name="Made by" value={`${report.version_text}, ${format.dateTime(report.created)}`} />
    </dl>
  );
}

// What is folded on the screen is open on paper.
printing.subscribe(() => {
  if (!printing.value) return;
  for (const details of document.querySelectorAll("details")) details.open = true;
});
