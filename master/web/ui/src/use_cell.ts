import { useLayoutEffect, useReducer } from "preact/hooks";
import type { Cell } from "./cell";

// The cell's value; the component is drawn again when it changes.
export function useCell<T>(cell: Cell<T>): T {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  const drawn = cell.value;
  useLayoutEffect(() => {
    // It may have changed between drawing and now.
    if (!Object.is(cell.value, drawn)) redraw();
    return cell.subscribe(() => redraw());
  }, [cell]);
  return drawn;
}
