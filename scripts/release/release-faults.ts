/** What a release is made from. */
export interface ReleaseSource {
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
  /** The version of each package, by its name. */
  readonly versions: Readonly<Record<string, string>>;
  /** The lines of `git status --porcelain`: what the commit does not contain. */
  readonly uncommitted: readonly string[];
  /** The tags of git. */
  readonly tags: readonly string[];
}

/** Semantic versioning 2.0.0, without build metadata: npm ignores it. */
const VERSION = /^\d+\.\d+\.\d+(?:-[\dA-Za-z.-]+)?$/;

/** Returns why the checkout can't be released, in sentences that say what to do. Empty if it can. */
export function releaseFaults({ changelog, versions, uncommitted, tags }: ReleaseSource): string[] {
  const [version = "", ...others] = new Set(Object.values(versions));
  const [latest = ""] = /(?<=^## ).+$/m.exec(changelog) ?? [];
  return [
    ...(VERSION.test(version) ? [] : [`"${version}" is not a version such as 1.2.3. Correct it in package.json.`]),
    ...(others.length === 0
      ? []
      : [`The packages have different versions: ${list(versions)}. Give them the same one.`]),
    ...(latest.split(" ")[0] === version
      ? []
      : [`CHANGELOG.md begins with "${latest}". Its first section must be the one of ${version}.`]),
    ...(tags.includes(`v${version}`) ? [`v${version} is released already. Increase the version.`] : []),
    ...(uncommitted.length === 0 ? [] : [`These files are not committed: ${uncommitted.join(", ")}`]),
  ];
}

function list(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
