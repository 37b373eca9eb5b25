// The head of the page: what runs where, the figures that matter, and the commands.
import { useState } from "preact/hooks";
import type { Form, Tick } from "../api";
import * as format from "../format";
import { logOut, resetStats, stop } from "../session";
import { StateText } from "./state_text";
import { ThemeButton } from "./theme_button";
import { shortVerdict } from "./thresholds";

interface Props {
  tick: Tick | null;
  form: Form | null;
  // Nobody answers: figures are old, commands go nowhere.
  isLost: boolean;
  onEdit: () => void;
  onNew: () => void;
}

export function Header({ tick, form, isLost, onEdit, onNew }: Props) {
  return (
    <header class={isLost ? "page-head lost" : "page-head"}>
      <div class="brand">
        <h1>Locust</h1>
        {form && <span class="hint">{form.version_text}</span>}
      </div>
      {tick && <Figures tick={tick} />}
      <div class="commands no-print">
        {tick && <Commands tick={tick} isLost={isLost} onEdit={onEdit} onNew={onNew} />}
        <ThemeButton />
        {form?.login.user && (
          <button type="button" class="plain" onClick={() => void logOut()}>
            Log out {form.login.user}
          </button>
        )}
      </div>
    </header>
  );
}

// How long the test has been running, and how long it shall.
function elapsed({ run, time }: Tick): string {
  if (run.start_time === null) return format.missing;
  const text = format.duration((run.end_time ?? time) - run.start_time);
  return run.run_time ? `${text} / ${format.duration(run.run_time)}` : text;
}

function workers(tick: Tick): string {
  const expected = tick.expected_workers ?? 0;
  const count = format.count(tick.worker_count);
  return expected > tick.worker_count ? `${count} of ${format.count(expected)}` : count;
}

function Figures({ tick }: { tick: Tick }) {
  const { total } = tick;
  const failed = total.num_requests > 0 ? total.num_failures / total.num_requests : 0;
  return (
    <dl class="figures">
      <Figure name="Host" value={tick.run.hosts.join(", ") || format.missing} wide />
      <div>
        <dt>Status</dt>
        <dd>
          <StateText state={tick.state} />
        </dd>
      </div>
      <Figure name="Users" value={format.count(tick.user_count)} />
      <Figure name="RPS" value={format.shortRate(total.current_rps)} />
      <Figure name="Failures" value={format.percent(failed)} isBad={failed > 0} />
      <Figure name="Workers" value={workers(tick)} />
      <Figure name="Time" value={elapsed(tick)} />
      {tick.thresholds.length > 0 && (
        <Figure
          name="Thresholds"
          value={shortVerdict(tick.thresholds)}
          isBad={tick.thresholds.some((threshold) => !threshold.holds)}
        />
      )}
    </dl>
  );
}

interface FigureProps {
  name: string;
  value: string;
  wide?: boolean;
  isBad?: boolean;
}

function Figure({ name, value, wide = false, isBad = false }: FigureProps) {
  return (
    <div class={wide ? "wide" : undefined}>
      <dt>{name}</dt>
      <dd class={isBad ? "bad" : undefined} title={wide ? value : undefined}>
        {value}
      </dd>
    </div>
  );
}

type CommandsProps = Pick<Props, "isLost" | "onEdit" | "onNew"> & { tick: Tick };

function Commands({ tick, isLost, onEdit, onNew }: CommandsProps) {
  const [refusal, setRefusal] = useState("");
  const runs = tick.state === "running" || tick.state === "spawning";
  const run = async (command: () => Promise<void>) => {
    setRefusal("");
    try {
      await command();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {refusal !== "" && (
        <span class="bad" role="alert">
          {refusal}
        </span>
      )}
      {runs && (
        <>
          <button type="button" disabled={isLost} onClick={onEdit}>
            Edit
          </button>
          <button type="button" class="danger" disabled={isLost} onClick={() => void run(stop)}>
            Stop
          </button>
        </>
      )}
      {(tick.state === "stopped" || tick.state === "stopping") && (
        <button type="button" class="primary" disabled={isLost} onClick={onNew}>
          New
        </button>
      )}
      {tick.state !== "ready" && (
        <button type="button" disabled={isLost} onClick={() => void run(resetStats)}>
          Reset Stats
        </button>
      )}
    </>
  );
}
