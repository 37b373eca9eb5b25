// A sortable table. Of a long one only the rows in sight exist, so a thousand are as fast as ten.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type RowWindow, rowWindow } from "../row_window";
import { nextSorting, type Sorting, type SortValue, sorted } from "../sort";
import { printing } from "../theme";
import { useCell } from "../use_cell";

export interface Column<Row> {
  key: string;
  title: string;
  // Of pixels; a column that grows takes what is left.
  width: number;
  grows?: boolean;
  numeric?: boolean;
  // Cells of this column name their row.
  header?: boolean;
  // Without it the column cannot be sorted by.
  sort?: (row: Row) => SortValue;
  cell: (row: Row) => ComponentChildren;
}

interface Props<Row> {
  // Names the table for screen readers.
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initial?: Sorting;
  // A last row that is always in sight.
  footer?: Row | null;
  // What stands in an empty table.
  empty: string;
  // In a report a table that is not long stands there whole, on paper any does.
  isReport?: boolean;
}

const rowHeight = 30;
// Shorter tables are drawn whole.
const longTable = 80;

// The rows of `count` that are in sight of `scroller`.
function useRowWindow(count: number, complete: boolean) {
  const scroller = useRef<HTMLDivElement>(null);
  const whole = complete || count <= longTable;
  const [shown, setShown] = useState<RowWindow>({ first: 0, end: longTable });
  const update = () => {
    const element = scroller.current;
    if (!element || whole) return;
    const next = rowWindow(element.scrollTop, element.clientHeight, rowHeight, count);
    setShown((now) => (now.first === next.first && now.end === next.end ? now : next));
  };
  useLayoutEffect(update, [count, whole]);
  useLayoutEffect(() => {
    addEventListener("resize", update);
    return () => removeEventListener("resize", update);
  });
  return { scroller, update, shown: whole ? { first: 0, end: count } : shown };
}

export function DataTable<Row>(props: Props<Row>) {
  const { columns, rows, rowKey, footer } = props;
  const isPrinting = useCell(printing);
  const complete = props.isReport === true && (isPrinting || rows.length <= longTable);
  const [sorting, setSorting] = useState<Sorting | null>(props.initial ?? null);
  const ordered = useMemo(() => {
    const by = columns.find((column) => column.key === sorting?.key)?.sort;
    return by && sorting ? sorted(rows, by, sorting.descending) : rows;
  }, [rows, columns, sorting]);
  const { scroller, update, shown } = useRowWindow(rows.length, complete);
  const end = Math.min(shown.end, rows.length);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <section
      class={complete ? "table-frame complete" : "table-frame"}
      ref={scroller}
      onScroll={update}
      tabIndex={0}
      aria-label={props.label}
    >
      <table aria-rowcount={rows.length + 1} style={{ minWidth: `${width}px` }}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={column.grows ? {} : { width: `${column.width}px` }} />
          ))}
        </colgroup>
        <Head columns={columns} sorting={sorting} onSort={setSorting} />
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td class="empty" colSpan={columns.length}>
                {props.empty}
              </td>
            </tr>
          )}
          <Space rows={shown.first} columns={columns.length} />
          {ordered.slice(shown.first, end).map((row, index) => (
            <BodyRow key={rowKey(row)} columns={columns} row={row} index={shown.first + index} />
          ))}
          <Space rows={rows.length - end} columns={columns.length} />
        </tbody>
        {footer && (
          <tfoot>
            <BodyRow columns={columns} row={footer} />
          </tfoot>
        )}
      </table>
    </section>
  );
}

interface HeadProps<Row> {
  columns: Column<Row>[];
  sorting: Sorting | null;
  onSort: (sorting: Sorting) => void;
}

function Head<Row>({ columns, sorting, onSort }: HeadProps<Row>) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => {
          const isSorted = column.key === sorting?.key;
          const direction = sorting?.descending ? "descending" : "ascending";
          return (
            <th
              key={column.key}
              scope="col"
              class={column.numeric ? "number" : undefined}
              aria-sort={isSorted ? direction : undefined}
            >
              {column.sort ? (
                <button
                  type="button"
                  onClick={() => onSort(nextSorting(sorting, column.key, column.numeric ?? false))}
                >
                  {column.title}
                  <span class="sort-mark" aria-hidden="true">
                    {isSorted ? (sorting.descending ? "▼" : "▲") : ""}
                  </span>
                </button>
              ) : (
                column.title
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function BodyRow<Row>({ columns, row, index }: { columns: Column<Row>[]; row: Row; index?: number }) {
  return (
    <tr aria-rowindex={index === undefined ? undefined : index + 2}>
      {columns.map((column) =>
        column.header ? (
          <th key={column.key} scope="row" class={column.numeric ? "number" : undefined}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.key} class={column.numeric ? "number" : undefined}>
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}

// Stands for rows that are not drawn.
function Space({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" class="space" style={{ height: `${rows * rowHeight}px` }}>
      <td colSpan={columns} />
    </tr>
  );
}
