/** Formats a number of bytes in a short form that needs no translation: `0.5 MiB`, `12 MiB`, `1.4 GiB`. */
export function formatBytes(bytes: number): string {
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
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
