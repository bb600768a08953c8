import { lookup } from "mime-types";

/**
 * Whether a file or object is to be sent: its name matches a pattern, in which `*` stands for any characters, `?` for one, and a
 * folder `**` for any folders or none; without a pattern, its ending is that of a video. Names that begin with a dot are those of hidden files and folders.
 *
 * @param name - relative to the folder, with slashes
 */
export function isWanted(name: string, pattern?: string): boolean {
  if (name.split("/").some((segment) => segment.startsWith("."))) {
    return false;
  }
  return pattern === undefined ? isVideo(name) : matchesPattern(name, pattern);
}

function isVideo(name: string): boolean {
  const type = lookup(name);
  return type !== false && type.startsWith("video/");
}

/** Takes at most as many steps as both texts have characters multiplied: after a mismatch, only the latest `*` takes one more character. */
function matchesPattern(text: string, pattern: string): boolean {
  const [characters, wanted] = [[...text.normalize()], tokensOf(pattern.normalize())];
  let [at, next] = [0, 0];
  let latest: { readonly star: number; readonly end: number } | undefined;
  while (at < characters.length) {
    if (wanted[next] === "*") {
      latest = { star: next, end: at };
      next += 1;
    } else if (wanted[next] === SEGMENT && (at === 0 || characters[at - 1] === "/")) {
      next += 1;
    } else if (wanted[next] === "?" || wanted[next] === characters[at]) {
      at += 1;
      next += 1;
    } else if (latest) {
      latest = { star: latest.star, end: latest.end + 1 };
      at = latest.end;
      next = latest.star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(next).every((token) => token === "*");
}

/** The beginning of a name or of a folder's name. It takes no character. */
const SEGMENT = "**/";

/** The characters of a pattern. A folder `**` stands for any number of folders, also for none, as in other programs. */
function tokensOf(pattern: string): string[] {
  return pattern.split(/(?<=^|\/)\*\*\//).flatMap((part, index) => [...(index === 0 ? [] : ["*", SEGMENT]), ...part]);
}
