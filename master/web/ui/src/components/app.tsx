// The page.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Form, Tick } from "../api";
import { type Collection, useCollection } from "../collection";
import { capitalized } from "../format";
import * as session from "../session";
import { useCell } from "../use_cell";
import { Announcer, Banners } from "./banners";
import { ChartsPanel } from "./charts_panel";
import { Dialog } from "./dialog";
import { Downloads } from "./downloads";
import { ExceptionsPanel } from "./exceptions";
import { FailuresTable } from "./failures";
import { Header } from "./header";
import { LogsPanel } from "./logs";
import { RatioPanel } from "./ratio";
import { StartForm } from "./start_form";
import { StatisticsTable } from "./statistics";
import { type Tab, Tabs } from "./tabs";
import { Thresholds } from "./thresholds";
import { WorkersTable } from "./workers";

export function App() {
  const tick = useCell(session.live.tick);
  const connection = useCell(session.live.connection);
  const form = useCollection(session.form);
  const [dialog, setDialog] = useState<"new" | "edit" | null>(null);
  const close = () => setDialog(null);
  useEffect(() => {
    document.title = tick ? `${capitalized(tick.state)} · ${tick.user_count} users · Locust` : "Locust";
  }, [tick?.state, tick?.user_count]);
  return (
    <>
      <Header
        tick={tick}
        form={form}
        isLost={connection.state === "lost"}
        onEdit={() => setDialog("edit")}
        onNew={() => setDialog("new")}
      />
      <Banners connection={connection} warnings={tick?.warnings ?? []} />
      <Announcer tick={tick} />
      {tick && <Body tick={tick} form={form} />}
      {!tick && <p class="empty">Connecting to the master…</p>}
      {tick && form && dialog && (
        <Dialog title={dialog === "edit" ? "Edit running load test" : "Start new load test"} onClose={close}>
          <StartForm
            form={form}
            running={dialog === "edit" ? tick.run : null}
            hasWorkers={tick.worker_count > 0}
            onDone={close}
          />
        </Dialog>
      )}
    </>
  );
}

function Body({ tick, form }: { tick: Tick; form: Form | null }) {
  // Before the first test there is nothing to see but the form.
  if (tick.state === "ready") {
    return (
      <main class="first-start">
        <section class="card" aria-labelledby="start-heading">
          <h2 id="start-heading">Start new load test</h2>
          {form ? (
            <StartForm
              form={form}
              running={null}
              hasWorkers={tick.worker_count > 0}
              onDone={() => undefined}
            />
          ) : (
            <p>Loading…</p>
          )}
        </section>
      </main>
    );
  }
  return <Tabs label="Views of the test" tabs={tabsOf(tick, form)} />;
}

function tabsOf(tick: Tick, form: Form | null): Tab[] {
  const broken = tick.thresholds.filter((threshold) => !threshold.holds).length;
  const tabs: (Tab | false)[] = [
    {
      id: "statistics",
      title: "Statistics",
      content: () => <Loaded of={session.entries}>{(data) => <StatisticsTable data={data} />}</Loaded>,
    },
    {
      id: "charts",
      title: "Charts",
      content: () => <Loaded of={session.history}>{(data) => <ChartsPanel history={data} />}</Loaded>,
    },
    {
      id: "failures",
      title: "Failures",
      content: () => (
        <Loaded of={session.failures}>{(data) => <FailuresTable failures={data.failures} />}</Loaded>
      ),
    },
    {
      id: "exceptions",
      title: "Exceptions",
      content: () => (
        <Loaded of={session.exceptions}>{(data) => <ExceptionsPanel exceptions={data.exceptions} />}</Loaded>
      ),
    },
    tick.thresholds.length > 0 && {
      id: "thresholds",
      title: "Thresholds",
      ...(broken > 0 ? { count: broken, isBad: true } : {}),
      content: () => <Thresholds thresholds={tick.thresholds} />,
    },
    {
      id: "ratios",
      title: "Current Ratio",
      content: () => (
        <Loaded of={session.tasks}>
          {(data) => <RatioPanel tasks={data} users={tick.user_classes_count} />}
        </Loaded>
      ),
    },
    {
      id: "reports",
      title: "Download Data",
      content: () => <Downloads hasFullHistory={form?.full_history ?? false} />,
    },
    {
      id: "logs",
      title: "Logs",
      content: () => <Loaded of={session.logs}>{(data) => <LogsPanel logs={data} />}</Loaded>,
    },
    {
      id: "workers",
      title: "Workers",
      count: tick.worker_count,
      content: () => (
        <Loaded of={session.workers}>{(data) => <WorkersTable workers={data.workers} />}</Loaded>
      ),
    },
  ];
  return tabs.filter((tab) => tab !== false);
}

interface LoadedProps<T> {
  of: Collection<T>;
  children: (data: T) => ComponentChildren;
}

// Shows a collection, and has it fetched while it is shown.
function Loaded<T>({ of: collection, children }: LoadedProps<T>) {
  const data = useCollection(collection);
  return data === null ? <p class="empty">Loading…</p> : children(data);
}
