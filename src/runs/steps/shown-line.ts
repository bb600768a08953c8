import { stripVTControlCharacters } from "node:util";

/** Control characters except tabs and line breaks, and those that change the direction of what follows. */
const HIDDEN = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Returns an output line as a terminal shows it: without colors, of a progress bar only its latest state, and without characters that a
 * reader can't see.
 */
export function shownLine(line: string): string {
  const latest = line.split("\r").findLast((part) => part.trim() !== "") ?? "";
  return stripVTControlCharacters(latest).replace(HIDDEN, "").trimEnd();
}
