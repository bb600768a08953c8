import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import { requireInside } from "../s3/source/file-location.ts";
import { wantedBy } from "./wanted-by.ts";

export interface ListFilesOptions {
  readonly folder: string;
  /** See {@link wantedBy}. */
  readonly pattern?: string | undefined;
  /** Whether to list folders inside of the folder too. */
  readonly recursive: boolean;
  /** The folder must be inside all of these. */
  readonly allowed: readonly string[];
  /** The maximum number of files. */
  readonly max: number;
  /** Receives a sentence about each folder inside that can't be read. */
  readonly onSkipped: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Lists the files of a folder in the order of their names. A link to a file counts as a file; a link to a folder is not followed, because
 * it may lead back.
 *
 * @returns absolute paths
 * @throws PipelineError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_OUTSIDE_FOLDER`, `ABORTED`
 */
export async function listFiles(options: ListFilesOptions): Promise<string[]> {
  const { allowed, max } = options;
  const folder = resolve(options.folder);
  await requireInside(folder, allowed);
  const found: string[] = [];
  for await (const path of filesIn(folder, "", { ...options, isWanted: wantedBy(options.pattern) })) {
    found.push(path);
    if (found.length >= max) {
      break;
    }
  }
  return found;
}

interface Search extends ListFilesOptions {
  readonly isWanted: (name: string) => boolean;
}

async function* filesIn(root: string, inner: string, options: Search): AsyncGenerator<string> {
  const { isWanted, recursive, signal } = options;
  for (const entry of await entriesOf(root, inner, options)) {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    const name = inner === "" ? entry.name : `${inner}/${entry.name}`;
    const path = join(root, name);
    if (entry.isDirectory()) {
      if (recursive && !entry.name.startsWith(".")) {
        yield* filesIn(root, name, options);
      }
    } else if (isWanted(name) && (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path))))) {
      yield path;
    }
  }
}

async function entriesOf(root: string, inner: string, { onSkipped }: ListFilesOptions) {
  const path = join(root, inner);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (inner === "") {
      throw folderError(path, error);
    }
    onSkipped(`The folder ${path} was left out: it can't be read (${codeOf(error)}).`);
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function folderError(path: string, cause: unknown): PipelineError {
  const code = codeOf(cause);
  const [error, what] =
    code === "ENOENT"
      ? (["SOURCE_NOT_FOUND", "does not exist. Check the path"] as const)
      : code === "ENOTDIR"
        ? (["SOURCE_UNREADABLE", "is not a folder. Choose the folder that contains the videos"] as const)
        : (["SOURCE_UNREADABLE", `can't be read (${code}). Check its permissions`] as const);
  return new PipelineError(error, `The folder ${path} ${what}.`, { details: { path }, cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
