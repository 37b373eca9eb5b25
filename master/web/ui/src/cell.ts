// Cell: a value that tells its readers when it changes.
export class Cell<T> {
  private readonly readers = new Set<() => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set value(next: T) {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const reader of [...this.readers]) reader();
  }

  // Calls `reader` after each change, until the function that is returned is called.
  subscribe(reader: () => void): () => void {
    this.readers.add(reader);
    return () => {
      this.readers.delete(reader);
    };
  }
}
