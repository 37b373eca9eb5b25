// The order of a table's rows.

export type SortValue = string | number | null | undefined;

export interface Sorting {
  key: string;
  descending: boolean;
}

const texts = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(left: string | number, right: string | number): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return texts.compare(String(left), String(right));
}

// A sorted copy. Rows without a value come last either way; equal rows keep their order.
export function sorted<Row>(
  rows: readonly Row[],
  value: (row: Row) => SortValue,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: value(row) }))
    .sort((left, right) => {
      if (left.value == null || right.value == null) {
        return Number(left.value == null) - Number(right.value == null);
      }
      return sign * compare(left.value, right.value);
    })
    .map(({ row }) => row);
}

// What a click on the heading of column `key` asks for: numbers start with the largest.
export function nextSorting(current: Sorting | null, key: string, numeric: boolean): Sorting {
  if (current?.key !== key) return { key, descending: numeric };
  return { key, descending: !current.descending };
}
