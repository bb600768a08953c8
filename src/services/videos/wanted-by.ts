import { lookup } from "mime-types";
import { namePattern } from "./name-pattern.ts";

/**
 * Returns which files or objects are to be sent: their names match a pattern, see {@link namePattern}; without a pattern, their ending is
 * that of a video. Names that begin with a dot are those of hidden files and folders.
 *
 * @returns a function of a name that is relative to the folder, with slashes
 */
export function wantedBy(pattern?: string): (name: string) => boolean {
  const matches = pattern === undefined ? isVideo : namePattern(pattern);
  return (name) => !isHidden(name) && matches(name);
}

function isHidden(name: string): boolean {
  return name.split("/").some((segment) => segment.startsWith("."));
}

function isVideo(name: string): boolean {
  const type = lookup(name);
  return type !== false && type.startsWith("video/");
}
