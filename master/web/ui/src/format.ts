// Numbers, times and sizes as text. What does not exist is an en dash.

export const missing = "–";

type Maybe = number | null | undefined;

const formats = [0, 1, 2, 3].map(
  (digits) =>
    new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

function fixed(value: number, digits: 0 | 1 | 2 | 3): string {
  return (formats[digits] as Intl.NumberFormat).format(value);
}

function exists(value: Maybe): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

// 12,345
export function count(value: Maybe): string {
  return exists(value) ? fixed(value, 0) : missing;
}

// Requests per second: 1,234.50
export function rate(value: Maybe): string {
  return exists(value) ? fixed(value, 2) : missing;
}

// For places where the figure stands alone: three to four digits are enough.
export function shortRate(value: Maybe): string {
  if (!exists(value)) return missing;
  const size = Math.abs(value);
  return fixed(value, Number.isInteger(value) || size >= 100 ? 0 : size >= 1 ? 1 : 2);
}

// Milliseconds, with the digits that matter: 0.042, 0.42, 12.3, 1,234.
export function ms(value: Maybe): string {
  if (!exists(value)) return missing;
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return fixed(value, 0);
  return fixed(value, size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

// A share between 0 and 1 as percent.
export function percent(share: Maybe): string {
  if (!exists(share)) return missing;
  const value = share * 100;
  return `${fixed(value, value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2)}%`;
}

export function bytes(value: Maybe): string {
  if (!exists(value)) return missing;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    ++unit;
  }
  return `${fixed(size, unit === 0 || size >= 100 ? 0 : 1)} ${units[unit]}`;
}

// Seconds as 0:35, 12:00, 1:02:03.
export function duration(seconds: Maybe): string {
  if (!exists(seconds)) return missing;
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// How far a clock is ahead (+) or behind (−), in seconds.
export function clockOffset(seconds: Maybe): string {
  if (!exists(seconds)) return missing;
  const sign = seconds > 0 ? "+" : seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  return `${sign}${fixed(size, size >= 10 ? 0 : size >= 1 ? 1 : 3)} s`;
}

const timeOfDay = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dateAndTime = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

const hourAndMinute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

// A mark of a time axis whose marks are `step` seconds apart.
export function timeMark(seconds: number, step: number): string {
  const form = step < 60 ? timeOfDay : step < 86400 ? hourAndMinute : dayAndMonth;
  return form.format(seconds * 1000);
}

// Seconds since the epoch as the local time of day.
export function time(seconds: Maybe): string {
  return exists(seconds) ? timeOfDay.format(seconds * 1000) : missing;
}

export function dateTime(seconds: Maybe): string {
  return exists(seconds) ? dateAndTime.format(seconds * 1000) : missing;
}

// "1 user", "2 users"
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

// The seconds of a run time as stock writes it (20, 20s, 3m, 2h, 1h20m, 3h30m10s); null if it is none.
export function parseRunTime(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed);
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(trimmed);
  if (!parts || trimmed === "") return null;
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

// The reverse, for a form: 90 is 1m30s.
export function runTimeText(seconds: number | null): string {
  if (!seconds) return "";
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ];
  return parts.map(([value, unit]) => (value > 0 ? `${value}${unit}` : "")).join("");
}
