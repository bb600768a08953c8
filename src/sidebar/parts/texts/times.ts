import { host } from "../../host/host.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const known = formats.get(name) ?? new Intl.DateTimeFormat(host().language, options);
  formats.set(name, known);
  return known;
}

/** Date and time, to the minute. */
export function formatStart(at: number): string {
  return format("start", { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** Day and time in a column: short, and to the second. */
export function formatStartTable(at: number): string {
  return format("table", {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(at);
}

/** The time if it is today, otherwise the date. */
export function formatStartShort(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday
    ? format("time", { timeStyle: "short" }).format(at)
    : format("day", { dateStyle: "medium" }).format(at);
}

/** Time of day, to the second. */
export function formatClock(at: number): string {
  return format("clock", { timeStyle: "medium" }).format(at);
}

/** An amount in US dollars; less than a dollar with a tenth of a cent. */
export function formatDollars(amount: number): string {
  const digits = amount < 1 ? 3 : 2;
  return new Intl.NumberFormat(host().language, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
}
