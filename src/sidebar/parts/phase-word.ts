import { text } from "../host/host.ts";
import { STUDIO_PHASES } from "./phases.ts";

const TRANSLATED: readonly string[] = ["install", "wait", ...STUDIO_PHASES];

/** The name of a phase in the language of the editor. States of Lightly remain in its words, but not as constants. */
export function phaseWord(name: string): string {
  const key = name.toLowerCase();
  return TRANSLATED.includes(key) ? text(`phase.${key}`) : plainWords(name);
}

/** A state of a service without the form of a constant: `loading dataset`. */
export function plainWords(state: string): string {
  return /^[A-Z_]+$/.test(state) ? state.toLowerCase().replaceAll("_", " ") : state;
}
