// Collection: one of the master's lists, fetched only while something shows it, only when it has
// changed, and at most every two seconds.
import { useLayoutEffect } from "preact/hooks";
import { Cell } from "./cell";
import { useCell } from "./use_cell";

const leastPause = 2000;

export class Collection<T> {
  readonly data = new Cell<T | null>(null);

  private viewers = 0;
  private loading = false;
  private notBefore = 0;
  // The version that the data is of, at least.
  private held: number | undefined;

  // `load` gets what is on hand already, null if nothing is or it may be outdated as a whole. `wanted` is the
  // version that the master has, undefined if it is not known. `now` is a clock in milliseconds.
  constructor(
    private readonly load: (held: T | null) => Promise<T>,
    private readonly wanted: () => number | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  // Keeps the collection up to date until the function that is returned is called.
  view(): () => void {
    ++this.viewers;
    this.refresh();
    return () => {
      --this.viewers;
    };
  }

  // Nothing on hand counts any more: another master, or another run.
  invalidate(): void {
    this.held = undefined;
    this.notBefore = 0;
  }

  // To be called once a second.
  refresh(): void {
    const wanted = this.wanted();
    if (this.viewers === 0 || this.loading || wanted === undefined || wanted === this.held) return;
    if (this.now() < this.notBefore) return;
    this.loading = true;
    this.notBefore = this.now() + leastPause;
    const outdated = this.held === undefined;
    this.held = wanted;
    this.load(outdated ? null : this.data.value)
      .then((data) => {
        this.data.value = data;
      })
      .catch(() => {
        // The event stream tells whether the master is there; the next refresh asks for all again.
        this.held = undefined;
      })
      .finally(() => {
        this.loading = false;
      });
  }
}

export function useCollection<T>(collection: Collection<T>): T | null {
  useLayoutEffect(() => collection.view(), [collection]);
  return useCell(collection.data);
}
