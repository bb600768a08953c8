import type { Inputs } from "./inputs.ts";

/** Minutes of a form in milliseconds. */
export async function minutes(inputs: Inputs, field: string, fallback: number): Promise<number> {
  return (await inputs.number(field, { fallback, min: 0 })) * 60_000;
}

/** Hours of a form in milliseconds. */
export async function hours(inputs: Inputs, field: string, fallback: number): Promise<number> {
  return (await inputs.number(field, { fallback, min: 0 })) * 3_600_000;
}

/** The longest pause between two looks, of a form, in milliseconds; never none at all. */
export async function pollPause(inputs: Inputs): Promise<number> {
  return (await inputs.number("pollSeconds", { fallback: 5, min: 0.01 })) * 1000;
}
