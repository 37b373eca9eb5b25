// Which rows of a long table are drawn: those in sight and some around them.

export interface RowWindow {
  first: number;
  // One past the last.
  end: number;
}

const around = 12;

export function rowWindow(scrollTop: number, height: number, rowHeight: number, rowCount: number): RowWindow {
  const top = Math.max(0, Math.floor(scrollTop / rowHeight));
  const shown = Math.ceil(height / rowHeight) + 1;
  // A table that got shorter may still be scrolled to where it had rows.
  const first = Math.max(0, Math.min(top - around, rowCount - shown));
  return { first, end: Math.min(rowCount, top + shown + around) };
}
