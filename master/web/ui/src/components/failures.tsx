// Kinds of failures, and the first exchange of each.
import { useMemo, useState } from "preact/hooks";
import type { Exchange, Failure } from "../api";
import * as format from "../format";
import { type Column, DataTable } from "./data_table";
import { Dialog } from "./dialog";

function failureKey(failure: Failure): string {
  return `${failure.method}\n${failure.name}\n${failure.error}`;
}

function columnsOf(onShow: ((failure: Failure) => void) | null): Column<Failure>[] {
  return [
    {
      key: "occurrences",
      title: "# Failures",
      width: 108,
      numeric: true,
      sort: (failure) => failure.occurrences,
      cell: (failure) => format.count(failure.occurrences),
    },
    {
      key: "method",
      title: "Method",
      width: 78,
      sort: (failure) => failure.method,
      cell: (failure) => failure.method,
    },
    {
      key: "name",
      title: "Name",
      width: 220,
      sort: (failure) => failure.name,
      cell: (failure) => <span title={failure.name}>{failure.name}</span>,
    },
    {
      key: "error",
      title: "Message",
      width: 260,
      grows: true,
      header: true,
      sort: (failure) => failure.error,
      cell: (failure) =>
        onShow ? (
          <button type="button" class="link" title={failure.error} onClick={() => onShow(failure)}>
            {failure.error}
          </button>
        ) : (
          failure.error
        ),
    },
  ];
}

interface Props {
  failures: readonly Failure[];
  isReport?: boolean;
}

export function FailuresTable({ failures, isReport = false }: Props) {
  const [shown, setShown] = useState<string | null>(null);
  const columns = useMemo(() => columnsOf(isReport ? null : (failure) => setShown(failureKey(failure))), []);
  const details = failures.find((failure) => failureKey(failure) === shown);
  return (
    <>
      <DataTable
        label="Failures"
        columns={columns}
        rows={failures}
        rowKey={failureKey}
        initial={{ key: "occurrences", descending: true }}
        empty="No failures."
        isReport={isReport}
      />
      {isReport &&
        failures
          .filter((failure) => failure.exchange)
          .map((failure) => (
            <details key={failureKey(failure)} class="card">
              <summary>
                First exchange of: {failure.method} {failure.name}: {failure.error}
              </summary>
              <ExchangeView exchange={failure.exchange} />
            </details>
          ))}
      {details && (
        <Dialog title={`${details.method} ${details.name}`.trim()} onClose={() => setShown(null)}>
          <p class="error-text">{details.error}</p>
          <p class="hint">{format.counted(details.occurrences, "time")}. The first one:</p>
          <ExchangeView exchange={details.exchange} />
        </Dialog>
      )}
    </>
  );
}

function ExchangeView({ exchange }: { exchange: Exchange | null }) {
  if (!exchange) return <p class="empty">No exchange is known: stock workers do not send any.</p>;
  return (
    <>
      {exchange.values.length > 0 && (
        <dl class="facts">
          {exchange.values.map((each) => (
            <div key={each.what}>
              <dt>{each.what}</dt>
              <dd>{each.value}</dd>
            </div>
          ))}
        </dl>
      )}
      <h4>Request</h4>
      <Text label="Request" text={exchange.request} />
      <h4>Response</h4>
      <Text label="Response" text={exchange.response} />
    </>
  );
}

export function Text({ label, text }: { label: string; text: string }) {
  return (
    <section class="text" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
