import { formatBytes as format } from "../../../records/progress.ts";
import { host } from "../../host/host.ts";

const formats = new Map<number, Intl.NumberFormat>();

/** A number with a fixed number of decimals, in the user's language. */
export function decimals(value: number, digits = 1): string {
  const known = formats.get(digits);
  const found =
    known ?? new Intl.NumberFormat(host().language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(digits, found);
  return found.format(value);
}

/** A number of bytes in the user's language: `0.5 MiB`. */
export function formatBytes(bytes: number): string {
  return format(bytes, decimals);
}
