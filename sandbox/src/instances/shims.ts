import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "../program-path.ts";

/**
 * Programs that the sandbox replaces on an instance: `docker` and `shutdown` have an effect, `aws` returns
 * only the Lightly token, `nvidia-smi` reports that there is no GPU, and programs that would stop or reboot the user's computer
 * are disabled.
 */
export const SHIMMED_PROGRAMS = [
  "docker",
  "aws",
  "nvidia-smi",
  "sudo",
  "shutdown",
  "poweroff",
  "halt",
  "reboot",
  "systemctl",
  "init",
  "telinit",
] as const;

const HEAD = "#!/bin/sh\n# Written by the sandbox at every start; changes are lost.\n";

/** Writes the shims into `<instance folder>/usr/local/bin` and returns that folder. */
export function writeShims(instanceFolder: string): string {
  const bin = join(instanceFolder, "usr", "local", "bin");
  mkdirSync(bin, { recursive: true });
  for (const program of SHIMMED_PROGRAMS) {
    const path = join(bin, program);
    writeFileSync(path, HEAD + shimBody(program));
    chmodSync(path, 0o755);
  }
  return bin;
}

/** Where the form of *studio select* expects a Python with LightlyStudio. */
export const STUDIO_HOME = "/opt/lightly-studio";

/** Writes the Python that runs the stand-in for LightlyStudio. */
export function writeStudioShim(instanceFolder: string): void {
  const bin = join(instanceFolder, STUDIO_HOME, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "python"), HEAD + runNode("../studio/main"), { mode: 0o755 });
}

/** Quotes a string as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function shimBody(program: (typeof SHIMMED_PROGRAMS)[number]): string {
  switch (program) {
    case "docker":
      return runNode("docker-shim");
    case "aws":
      return runNode("aws-shim");
    case "shutdown":
      return runNode("shutdown-shim");
    case "poweroff":
    case "halt":
      return "exec shutdown now\n";
    case "reboot":
      return 'echo "reboot: the sandbox does not reboot instances; stop and start it instead." >&2\nexit 1\n';
    case "systemctl":
    case "init":
    case "telinit":
      return SYSTEMCTL;
    case "sudo":
      return SUDO;
    case "nvidia-smi":
      return 'echo "nvidia-smi: this is a sandbox instance: it has no GPU, and its worker needs none." >&2\nexit 9\n';
  }
}

function runNode(program: string): string {
  const path = programPath(program, import.meta.url);
  return `exec ${shellWord(process.execPath)} --disable-warning=ExperimentalWarning ${shellWord(path)} "$@"\n`;
}

const SYSTEMCTL = `case "$1" in
  poweroff|halt|0) exec shutdown now ;;
esac
echo "$(basename "$0"): a sandbox instance has neither services nor run levels ($*)." >&2
exit 1
`;

const SUDO = `while [ $# -gt 0 ]; do
  case "$1" in
    -u|-g|-h|-p|-C|-r|-t|--user|--group) shift 2 ;;
    --) shift; break ;;
    -*) shift ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { echo "usage: sudo [options] command" >&2; exit 1; }
exec "$@"
`;
