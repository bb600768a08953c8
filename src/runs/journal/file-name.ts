import { createHash } from "node:crypto";

/**
 * The name of a run's file. A run's id may be any text that a user puts on a message, so a hash makes the name unique also where
 * file names ignore case; the readable part is for people.
 */
export function fileNameOf(runId: string): string {
  const readable = runId.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
  const hash = createHash("sha256").update(runId).digest("hex").slice(0, 16);
  return `${readable}-${hash}.json`;
}
