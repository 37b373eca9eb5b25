// Colours of the style sheet for canvases, which cannot name them.
import { theme } from "../theme";

let cached = new Map<string, string>();
theme.subscribe(() => {
  cached = new Map();
});

// The value of a custom property such as --accent, in the present theme.
export function colour(name: string): string {
  let value = cached.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    cached.set(name, value);
  }
  return value;
}

export const canvasFont = "12px system-ui, sans-serif";

// Percentiles go from faint to strong, with dashes for those who cannot tell the colours apart.
const steps = 5;
const dashes: number[][] = [[], [6, 3], [2, 2], [8, 3, 2, 3], []];

export function percentileStyle(index: number, total: number): { colour: string; dash: number[] } {
  const step = total <= 1 ? steps - 1 : Math.round((index * (steps - 1)) / (total - 1));
  return { colour: `--percentile-${step + 1}`, dash: dashes[index % dashes.length] ?? [] };
}

// "#rrggbb" as numbers.
export function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

// Between two colours, `share` of the way.
export function mixed(
  from: readonly number[],
  to: readonly number[],
  share: number,
): [number, number, number] {
  const part = (index: number) =>
    Math.round((from[index] ?? 0) + ((to[index] ?? 0) - (from[index] ?? 0)) * share);
  return [part(0), part(1), part(2)];
}
