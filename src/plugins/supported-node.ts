/** As in `engines` of package.json, which npm only warns about. */
const REQUIRED = [22, 9] as const;

/**
 * Returns what to do if Node.js is too old for this package: its steps would fail in the middle of a run.
 *
 * @param version - such as `20.20.2`
 * @returns undefined for a supported version
 */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > REQUIRED[0] || (major === REQUIRED[0] && minor >= REQUIRED[1]);
  return isSupported
    ? undefined
    : `node-red-contrib-lightly-aws needs Node.js ${REQUIRED.join(".")} or newer, and this is ${version}. Update Node.js before you run a pipeline.`;
}
