import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AwsCredentials } from "./aws/aws-service.ts";
import { writeJson } from "./instances/instance-store.ts";

/** The secrets of one state directory: random, generated once, readable by their owner only. */
export interface InstallationSecrets {
  readonly credentials: AwsCredentials;
  readonly token: string;
  readonly pexelsKey: string;
}

const SECRETS_FILE = "credentials.json";
const LOCK_FILE = "sandbox.pid";

/** Creates the state directory and its secrets, or reads the existing ones. */
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
 * @returns a function that releases the directory
 */
export function lockInstallation(stateDir: string): () => void {
  const file = join(stateDir, LOCK_FILE);
  try {
    writeFileSync(file, lockText(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    const owner = readFileSync(file, "utf8");
    const pid = Number.parseInt(owner, 10);
    if (isRunning(pid) && owner === lockText(pid)) {
      throw new Error(
        `A sandbox (process ${pid}) already uses ${stateDir}: stop it, or choose another folder with --state.`,
      );
    }
    writeFileSync(file, lockText(process.pid));
  }
  return () => rmSync(file, { force: true });
}

/** Deletes a state directory; refuses a folder that is not one. */
export function wipeInstallation(stateDir: string): void {
  if (!existsSync(stateDir) || readdirSync(stateDir).length === 0) {
    return;
  }
  if (!existsSync(join(stateDir, SECRETS_FILE))) {
    throw new Error(
      `${stateDir} is not the state directory of a sandbox (it has no ${SECRETS_FILE}), so it was not deleted.`,
    );
  }
  const release = lockInstallation(stateDir);
  try {
    rmSync(stateDir, { recursive: true });
  } finally {
    release();
  }
}

/** The process id and its start time, since process ids are reused. */
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
