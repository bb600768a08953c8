import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instanceMark } from "./processes.ts";
import { SHIMMED_PROGRAMS, shellWord, writeShims } from "./shims.ts";
import { writeTokenFile } from "./token-file.ts";

/** What the ready-made script says to docker. */
export interface WorkerIdentity {
  readonly token: string;
  /** The id of a worker that the Lightly API knows, 24 hexadecimal digits. */
  readonly workerId: string;
}

/** Puts the shims and, unless the user has one of their own there, `home/ubuntu/run.sh` on an instance's disk. */
export function prepareDisk(folder: string, worker: WorkerIdentity): void {
  writeShims(folder);
  writeTokenFile(folder, worker.token);
  const home = join(folder, "home", "ubuntu");
  mkdirSync(home, { recursive: true });
  const script = join(home, "run.sh");
  if (!existsSync(script) || isReadyMade(readFileSync(script, "utf8"))) {
    writeFileSync(script, runScript(worker));
    chmodSync(script, 0o700);
  }
}

/** The script as Lightly's documentation has users write it. */
function runScript({ token, workerId }: WorkerIdentity): string {
  return `docker run --shm-size="1024m" --gpus all --rm -i \\
    -e LIGHTLY_TOKEN=${token} \\
    lightly/worker:latest \\
    worker.worker_id=${workerId}
`;
}

/** Whether a script is one that {@link runScript} made, perhaps for another worker. */
function isReadyMade(script: string): boolean {
  const token = /LIGHTLY_TOKEN=(\S+)/.exec(script)?.[1] ?? "";
  const workerId = /worker_id=(\S+)/.exec(script)?.[1] ?? "";
  return script === runScript({ token, workerId });
}

/**
 * A text written for the real machine, made fit for its folder: `/home/ubuntu` becomes the folder's own, and a program
 * that has a shim is found by name even when the text gives its path, since there is no `chroot` here that would keep
 * `/sbin/shutdown` from being the computer's own.
 */
export function relocate(text: string, folder: string): string {
  const programs = SHIMMED_PROGRAMS.join("|");
  return text
    .replace(/(?<![\w./-])\/home\/ubuntu(?=\/|$|[\s'"`;&|)<>])/gm, `${folder}/home/ubuntu`)
    .replace(new RegExp(`(?<![\\w./-])/(?:usr/)?(?:local/)?s?bin/(${programs})(?![\\w./-])`, "g"), "$1");
}

/**
 * A path to the folder that needs no quoting in a shell: the folder itself, or a link to it from the temporary folder.
 * A script's quoting was made for `/home/ubuntu`, so what replaces it must be as harmless.
 */
export function safeFolder(folder: string): string {
  if (shellWord(folder) === folder) {
    return folder;
  }
  const link = linkTo(folder);
  if (shellWord(link) !== link) {
    throw new Error(
      `Neither ${folder} nor ${tmpdir()} can stand in a shell script unquoted; choose another state folder.`,
    );
  }
  try {
    symlinkSync(folder, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || readlinkSync(link) !== folder) {
      throw error;
    }
  }
  return link;
}

/** Removes the link that {@link safeFolder} may have made. */
export function forgetSafeFolder(folder: string): void {
  if (shellWord(folder) !== folder) {
    rmSync(linkTo(folder), { force: true });
  }
}

function linkTo(folder: string): string {
  return join(tmpdir(), `lightly-sandbox-${instanceMark(folder)}`);
}
