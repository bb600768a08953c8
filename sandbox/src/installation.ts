import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AwsCredentials } from "./aws/aws-service.ts";
import { writeJson } from "./instances/instance-store.ts";

/** The secrets of one state directory: random, made once, readable by their owner only. */
export interface InstallationSecrets {
  readonly credentials: AwsCredentials;
  readonly token: string;
  readonly pexelsKey: string;
}

const SECRETS_FILE = "credentials.json";
const LOCK_FILE = "sandbox.pid";

/** Makes the state directory and its secrets, or reads those that are there. */
export function openInstallation(stateDir: string): InstallationSecrets {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, SECRETS_FILE);
  if (existsSync(file)) {
    chmodSync(file, 0o600);
    return JSON.parse(readFileSync(file, "utf8")) as InstallationSecrets;
  }
  const secrets: InstallationSecrets = {
    credentials: {
      accessKeyId: `AKIA${randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}`,
      secretAccessKey: randomBytes(30).toString("base64url"),
    },
    token: randomBytes(24).toString("hex"),
    pexelsKey: randomBytes(28).toString("hex"),
  };
  writeJson(file, secrets, 0o600);
  return secrets;
}

/**
 * Makes sure that only one sandbox uses the directory: two would stop each other's instances.
 * @returns what gives the directory free again
 */
export function lockInstallation(stateDir: string): () => void {
  const file = join(stateDir, LOCK_FILE);
  try {
    writeFileSync(file, lockText(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    const held = readFileSync(file, "utf8");
    const pid = Number.parseInt(held, 10);
    if (isRunning(pid) && held === lockText(pid)) {
      throw new Error(
        `A sandbox (process ${pid}) already uses ${stateDir}: end it, or choose another folder with --state.`,
      );
    }
    writeFileSync(file, lockText(process.pid));
  }
  return () => rmSync(file, { force: true });
}

/** Deletes a state directory; one that does not look like a sandbox's is refused. */
export function wipeInstallation(stateDir: string): void {
  if (!existsSync(stateDir) || readdirSync(stateDir).length === 0) {
    return;
  }
  if (!existsSync(join(stateDir, SECRETS_FILE))) {
    throw new Error(`${stateDir} is no sandbox's state (it has no ${SECRETS_FILE}), so it is not deleted.`);
  }
  const release = lockInstallation(stateDir);
  try {
    rmSync(stateDir, { recursive: true });
  } finally {
    release();
  }
}

/** The process and when it started: numbers of processes are used again. */
function lockText(pid: number): string {
  try {
    return `${pid} ${execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim()}\n`;
  } catch {
    return `${pid}\n`; // There is no such process, or no ps.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function randomText(alphabet: string, length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}
