import { text } from "./editor.ts";
import { STUDIO_PHASES } from "./phases.ts";

const TRANSLATED: readonly string[] = ["install", "wait", ...STUDIO_PHASES];

/** The name of a phase in the language of the editor. States of Lightly remain in its words. */
export function phaseWord(name: string): string {
  return TRANSLATED.includes(name) ? text(`phase.${name}`) : name;
}
