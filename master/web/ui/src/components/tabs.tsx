// Tabs: arrow keys move between them, the address remembers which one is open.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Tab {
  id: string;
  title: string;
  // How many things there are to see, if that matters.
  count?: number;
  isBad?: boolean;
  content: () => ComponentChildren;
}

function fromAddress(): string {
  return location.hash.slice(1);
}

// The tab that `key` leads to from the one at `index`, undefined for other keys.
export function tabAfterKey(key: string, index: number, total: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % total;
    case "ArrowLeft":
      return (index + total - 1) % total;
    case "Home":
      return 0;
    case "End":
      return total - 1;
    default:
      return undefined;
  }
}

export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  const [id, setId] = useState(fromAddress);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const follow = () => setId(fromAddress());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const index = Math.max(
    tabs.findIndex((tab) => tab.id === id),
    0,
  );
  const open = (next: number) => {
    const tab = tabs[next];
    if (!tab) return;
    setId(tab.id);
    window.history.replaceState(null, "", `#${tab.id}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = tabAfterKey(event.key, index, tabs.length);
    if (next === undefined) return;
    event.preventDefault();
    open(next);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  const current = tabs[index];
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab, each) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            aria-selected={each === index}
            aria-controls={each === index ? "tab-panel" : undefined}
            tabIndex={each === index ? 0 : -1}
            onClick={() => open(each)}
          >
            {tab.title}
            {tab.count !== undefined && <span class={tab.isBad ? "badge bad" : "badge"}>{tab.count}</span>}
          </button>
        ))}
      </div>
      {current && (
        <main class="panel-frame">
          <div
            id="tab-panel"
            role="tabpanel"
            tabIndex={0}
            aria-labelledby={`tab-${current.id}`}
            key={current.id}
          >
            {current.content()}
          </div>
        </main>
      )}
    </>
  );
}
