/**
 * Formats a number of bytes: `0.5 MiB`, `12 MiB`, `1.4 GiB`.
 *
 * @param decimals - formats a number with one decimal, in the language of the reader
 */
export function formatBytes(bytes: number, decimals = (value: number): string => value.toFixed(1)): string {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes / 1024;
  let unit = 0;
  // From 0.1 of a unit on, since a file of 500 KiB reads better as 0.5 MiB beside others.
  while (value >= 102.4 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? decimals(value) : Math.round(value)} ${units[unit]}`;
}
