import type { BillOfMaterials, Component } from "./bill-of-materials.ts";

/** Licenses of packages that every user may install and link. */
const PERMISSIVE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT", "Unlicense"];
/** Licenses that require nothing of a program that uses the package unchanged. The sandbox decodes video and images with such packages. */
const WEAK_COPYLEFT = ["LGPL-2.1-or-later", "LGPL-3.0-or-later", "MPL-2.0"];

/** Packages whose package.json names no license. Their license is in a file of the package. */
const LICENSE_FILES: Readonly<Record<string, string>> = { "@shinyoshiaki/jspack": "BSD-3-Clause" };

/** The licenses that the packages may depend on. */
export const ALLOWED_LICENSES: Readonly<Record<string, readonly string[]>> = {
  "node-red-contrib-lightly-aws": PERMISSIVE,
  "lightly-aws-sandbox": [...PERMISSIVE, ...WEAK_COPYLEFT],
};

/** The licenses of a package as one SPDX expression, such as `MIT`; empty if it has none. */
function licenseOf({ name, licenses = [] }: Component): string {
  const stated = licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression ?? "");
  return stated.filter(Boolean).join(" AND ") || (LICENSE_FILES[name] ?? "");
}

/** Returns the packages whose license is not one of these, such as `left-pad 1.0.0: WTFPL`. */
export function refusedLicenses({ components }: BillOfMaterials, allowed: readonly string[]): string[] {
  return components
    .filter((component) => !allowed.includes(licenseOf(component)))
    .map((component) => `${component.name} ${component.version}: ${licenseOf(component) || "no license"}`);
}

/** A table of all packages with their licenses, as Markdown. */
export function licenseReport({ metadata, components }: BillOfMaterials): string {
  const { name, version } = metadata.component;
  const rows = components
    .map((component) => `| ${component.name} | ${component.version} | ${licenseOf(component)} |`)
    .sort();
  return [
    `# Licenses of what ${name} ${version} installs`,
    "",
    "| package | version | license |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
