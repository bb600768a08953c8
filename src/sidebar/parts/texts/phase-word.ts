import { plainState } from "../../../records/progress.ts";
import { text } from "../../host/host.ts";
import { STUDIO_PHASES } from "./phases.ts";

/** Of ec2 start: see `START_PHASES` of the records. */
const EC2_PHASES = ["uploading", "boot", "ready"];
const TRANSLATED: readonly string[] = ["install", "wait", ...STUDIO_PHASES, ...EC2_PHASES];

/** The name of a phase in the language of the editor. States of Lightly remain in its words, but as words. */
export function phaseWord(name: string): string {
  const key = name.toLowerCase();
  return TRANSLATED.includes(key) ? text(`phase.${key}`) : plainState(name);
}
