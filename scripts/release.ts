import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { bundleSdk } from "./bundle-sdk.ts";
import { npmPack } from "./npm-pack.ts";
import { billOfMaterials, withBundled } from "./release/bill-of-materials.ts";
import { deadLinks, externalLinks } from "./release/external-links.ts";
import { ALLOWED_LICENSES, licenseReport, refusedLicenses } from "./release/license-report.ts";
import { releaseFaults } from "./release/release-faults.ts";
import { packSandbox } from "./sandbox-package/pack.ts";

const HELP = `npm run release -- [options]

Makes the files of a release in artifacts/release/: both packages, their bills of materials (CycloneDX), their licenses, and SHA256SUMS.
Publishes nothing. docs/releasing.md describes the steps before and after.

  --draft     also from a checkout that can't be released; says why
  --offline   does not check the links to other sites
`;

const ROOT = resolve(import.meta.dirname, "..");
const FOLDER = join(ROOT, "artifacts/release");

const { values: options } = parseArgs({
  options: {
    draft: { type: "boolean", default: false },
    offline: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  report(await faultsOfCheckout());
  if (!options.offline) {
    report((await deadLinks(externalLinks(texts()))).map((dead) => `A link leads nowhere: ${dead}`));
  }
  await rm(FOLDER, { recursive: true, force: true });
  const archives = await packBoth(FOLDER);
  await comparePacks(archives);
  const files = [...archives];
  for (const archive of archives) {
    files.push(...(await describeContents(archive)));
  }
  const sums = await Promise.all(files.map(async (file) => `${await sha256(file)}  ${basename(file)}\n`));
  await writeFile(join(FOLDER, "SHA256SUMS"), sums.join(""));
  console.log(`${sums.join("")}\nThe release is in ${FOLDER}.`);
}

async function faultsOfCheckout(): Promise<string[]> {
  const git = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)("git", args, { cwd: ROOT });
    return stdout.split("\n").filter(Boolean);
  };
  const manifests = ["package.json", "sandbox/package.json"].map((path) => JSON.parse(read(path)));
  return releaseFaults({
    changelog: read("CHANGELOG.md"),
    versions: Object.fromEntries(manifests.map(({ name, version }) => [name, version])),
    uncommitted: (await git("status", "--porcelain")).map((line) => line.slice(3)),
    tags: await git("tag"),
  });
}

/** @throws Error with all faults, unless it is a draft */
function report(faults: readonly string[]): void {
  if (faults.length > 0 && !options.draft) {
    throw new Error(`This can't be released.\n${faults.map((fault) => `- ${fault}`).join("\n")}`);
  }
  for (const fault of faults) {
    console.log(`draft: ${fault}`);
  }
}

/** The texts that a user reads, with links to other sites. */
function texts(): string[] {
  return ["*.md", "docs/**/*.md", "sandbox/*.md", "src/nodes/*/locales/en-US/*.html"]
    .flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
    .map(read);
}

async function packBoth(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return [(await npmPack(ROOT, folder)).archive, await packSandbox(ROOT, folder)];
}

/** Packs a second time: whoever builds the same commit must get the same files. */
async function comparePacks(archives: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "lightly-aws-release-"));
  try {
    for (const [index, second] of (await packBoth(folder)).entries()) {
      if ((await sha256(second)) !== (await sha256(archives[index] ?? ""))) {
        throw new Error(`${basename(second)} is not reproducible: a second pack has other bytes.`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the bill of materials of a package, and the licenses of what it installs. Returns both files. */
async function describeContents(archive: string): Promise<string[]> {
  const name = basename(archive).replace(/-\d.*$/, "");
  const installed = await billOfMaterials(archive, name);
  const bill =
    name === "node-red-contrib-lightly-aws" ? withBundled(installed, (await bundleSdk(ROOT)).packages) : installed;
  const refused = refusedLicenses(bill, ALLOWED_LICENSES[name] ?? []);
  report(refused.map((component) => `${name} installs a package with a license that is not allowed: ${component}`));
  const stem = archive.replace(/\.tgz$/, "");
  await writeFile(`${stem}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
  await writeFile(`${stem}.licenses.md`, licenseReport(bill));
  return [`${stem}.cdx.json`, `${stem}.licenses.md`];
}

async function sha256(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

if (options.help) {
  console.log(HELP);
} else {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
