/** What a form shows for a stored fraction: `0.1` as `10`. Anything that is no number stays as it is. */
export function fractionAsPercent(text: string): string {
  return scaled(text, 100);
}

/** What is stored for a percentage in a form: `10` as `0.1`. Anything that is no number stays as it is. */
export function percentAsFraction(text: string): string {
  return scaled(text, 0.01);
}

// Twelve digits hide that 0.57 * 100 is not 57 in binary.
function scaled(text: string, factor: number): string {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text : String(Number((value * factor).toPrecision(12)));
}
