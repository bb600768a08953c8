import { createHash } from "node:crypto";

/**
 * The name of a run's file. A run's id may be any text that a user puts on a message, so a hash makes the name unique also where
 * file names ignore case; the readable part is for people.
 */
export function fileNameOf(runId: string): string {
  // Also of what only claims to be a text: a name that can't be made must not end the process.
  const id = String(runId);
  const readable = id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `${readable}-${hash}.json`;
}
