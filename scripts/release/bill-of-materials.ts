import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BundledPackage } from "../bundled-packages.ts";

/** A package in a bill of materials. */
export interface Component {
  readonly name: string;
  readonly externalReferences?: ReadonlyArray<{ readonly type: string; readonly url: string }>;
  readonly version: string;
  readonly licenses?: ReadonlyArray<{
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }>;
}

/** The parts of a CycloneDX document that are read here. */
export interface BillOfMaterials {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: ReadonlyArray<{ readonly ref: string }>;
}

/**
 * Installs an archive like a user, in an empty folder, and lists what npm has installed for it: the CycloneDX document of `npm sbom`, without
 * the random and dated parts, so that the same packages give the same document. Needs the npm registry or its cache.
 *
 * @param name - of the package in the archive
 */
export async function billOfMaterials(archive: string, name: string): Promise<BillOfMaterials> {
  const folder = await mkdtemp(join(tmpdir(), "lightly-aws-release-"));
  const npm = (...args: string[]) =>
    promisify(execFile)("npm", args, { cwd: folder, maxBuffer: 64 * 2 ** 20, shell: process.platform === "win32" });
  try {
    await writeFile(join(folder, "package.json"), '{ "name": "installation", "version": "0.0.0", "private": true }');
    await npm("install", "--omit", "dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", archive);
    const { stdout } = await npm("sbom", "--omit", "dev", "--sbom-format", "cyclonedx");
    return about(name, JSON.parse(stdout) as BillOfMaterials);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds packages that are not installed, because their code is in the package itself. */
export function withBundled(bill: BillOfMaterials, packages: readonly BundledPackage[]): BillOfMaterials {
  const bundled = packages.map(({ name, version, license, homepage }) => ({
    "bom-ref": `${name}@${version}`,
    type: "library",
    name,
    version,
    purl: `pkg:npm/${name.replace(/^@/, "%40")}@${version}`,
    licenses: [{ license: { id: license } }],
    ...(homepage !== "" && { externalReferences: [{ type: "website", url: homepage }] }),
  }));
  return { ...bill, components: [...bill.components, ...bundled] };
}

/** Makes the package the subject of the document, instead of the folder that it is installed in. */
function about(name: string, { serialNumber: _random, ...document }: BillOfMaterials): BillOfMaterials {
  const components = document.components.map(withValidReferences);
  const component = components.find((one) => one.name === name);
  if (!component) {
    throw new Error(`npm has not installed ${name}.`);
  }
  const { timestamp: _now, ...metadata } = document.metadata;
  return {
    ...document,
    metadata: { ...metadata, component },
    components: components.filter((one) => one !== component),
    dependencies: document.dependencies.filter(({ ref }) => !ref.startsWith("installation@")),
  };
}

/** npm copies the references as they are in a package.json: `git@github.com:owner/name.git` is no URL, and the archive is a local file. */
function withValidReferences({ externalReferences = [], ...component }: Component): Component {
  const isValid = (url: string): boolean => URL.canParse(url) && !url.startsWith("file:");
  return { ...component, externalReferences: externalReferences.filter(({ url }) => isValid(url)) };
}
