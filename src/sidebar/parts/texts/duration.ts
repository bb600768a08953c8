import { decimals } from "./numbers.ts";

/** No line break separates a number from its unit. */
const NBSP = "\u00a0";

/** Formats a duration in a short form: `0.4 s`, `42 s`, `3:07`, `1:02:33`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) {
    return `${decimals(seconds)}${NBSP}s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole}${NBSP}s`;
  }
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = twoDigits(whole % 60);
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${twoDigits(minutes)}:${rest}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
