/** Converts a stored fraction to a percentage: `0.1` to `10`. Other texts are returned unchanged. */
export function fractionAsPercent(text: string): string {
  return scaled(text, 100);
}

/** Converts a percentage to a stored fraction: `10` to `0.1`. Other texts are returned unchanged. */
export function percentAsFraction(text: string): string {
  return scaled(text, 0.01);
}

// Rounds to twelve digits, because 0.57 * 100 is not 57 in binary.
function scaled(text: string, factor: number): string {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text : String(Number((value * factor).toPrecision(12)));
}
