import { redact } from "../../errors/redact.ts";
import { outputWithoutMark } from "./command-output.ts";
import type { CommandReport } from "./command-report.ts";
import { quote } from "./shell-word.ts";

/** A failure of the environment that the output of a script proves. */
interface Fault {
  /** A line of the output that proves it. */
  readonly line: RegExp;
  /** The exit codes with which the line counts; default all but 0. */
  readonly exitCodes?: readonly number[];
  /** What happened, and what to do, as a sentence without a full stop. */
  readonly message: (match: RegExpExecArray, script: string) => string;
}

/** Lines searched at the end of each stream: a failure stands at the end, and earlier lines may be warnings. */
const SEARCHED_LINES = 40;
const MAX_LINE = 500;

const FAULTS: readonly Fault[] = [
  {
    // A carriage return, as bash, env and the launcher of a script write it, and as it is.
    line: /\^M: bad interpreter|\$'[^']*\\r'|^\S*env: .*\\r|Windows line endings|\r(?:: bad interpreter|: (?:command )?not found|: No such file|: invalid|: numeric argument)/,
    message: ({ input }, script) => {
      const file = fileIn(input) ?? script;
      return `${file === script ? "the script" : file} has Windows line endings (CRLF), which shells and the kernel of Linux do not accept. Convert it on the instance: sed -i 's/\\r$//' ${shellWord(file)}`;
    },
  },
  {
    line: / is in UTF-16\.$/,
    message: (_match, script) =>
      `the script is in UTF-16, which shells can't read. Convert it on the instance: iconv -f UTF-16 -t UTF-8 ${shellWord(script)} > /tmp/script && cat /tmp/script > ${shellWord(script)}`,
  },
  {
    // The first line of a script, as a shell or an interpreter repeats it.
    line: /\uFEFF|\$'\\357\\273\\277/,
    message: (_match, script) =>
      `the script begins with a byte order mark (BOM), which shells take as a part of the first line. Remove it on the instance: sed -i '1s/^\\xEF\\xBB\\xBF//' ${shellWord(script)}`,
  },
  {
    line: /could not select device driver|unknown or invalid runtime name: nvidia/i,
    message: () =>
      "docker can't use GPUs on the instance. Install the NVIDIA Container Toolkit and restart docker, or use an image of AWS with GPU drivers (Deep Learning AMI)",
  },
  {
    line: /nvidia-container-cli: initialization error|couldn't communicate with the NVIDIA driver|Found no NVIDIA driver|nvml error: driver|Driver\/library version mismatch|no CUDA-capable device is detected/i,
    message: () =>
      "the GPU driver of the instance is not loaded. Check the instance type and run nvidia-smi on the instance; after a driver update, restart the instance",
  },
  {
    line: /no space left on device/i,
    message: () =>
      "a disk of the instance is full. Check it with df -h, remove old images with docker system prune, or enlarge the volume",
  },
  {
    line: /permission denied while trying to connect to the (?:docker daemon socket|docker api)/i,
    message: () =>
      "the user of the script may not use docker. Run Command starts scripts as root: remove sudo -u or su, or add the user to the group docker",
  },
  {
    line: /cannot connect to the docker daemon/i,
    message: () => "docker does not run on the instance. Start it: systemctl enable --now docker",
  },
  {
    line: /\bdocker: (?:command )?not found|env: ['‘]?docker['’]?: No such file/,
    exitCodes: [127],
    message: () =>
      "docker is not installed on the instance, or not in the PATH of Run Command. Install it, or use its path",
  },
  {
    line: /the input device is not a TTY|cannot attach stdin to a TTY-enabled container/i,
    message: () => "Run Command has no terminal. Remove -t (or -it) from docker run",
  },
  {
    line: /The container name "?([^" ]+)"? is already in use/i,
    message: ([, name]) =>
      `a container ${name} of an earlier run still exists. Use docker run --rm, or remove it first: docker rm -f ${name?.replace(/^\//, "")}`,
  },
  {
    line: /pull access denied|manifest unknown|requested access to the resource is denied/i,
    message: () => "docker can't pull the image. Check its name and tag, and docker login on the instance",
  },
  {
    line: /exec format error/i,
    message: () =>
      "a program was built for another kind of processor, or is a script without a #! line. Use an image or program for the instance's architecture (amd64 or arm64), or add the #! line",
  },
  {
    line: /bad interpreter: Permission denied|mounted with noexec/,
    message: (_match, script) =>
      `${script} may not be executed where it is: its file system is mounted with noexec, or a file has no execute permission. Move it, or set the permission (chmod +x)`,
  },
  {
    line: /(?:^|: )(\S+): bad interpreter|The interpreter (\S+), which|env: ['‘]?([^'’: ]+)['’]?: No such file/,
    exitCodes: [126, 127],
    message: ([, first, second, third]) =>
      `the interpreter ${first ?? second ?? third} is not on the instance. Install it, or correct the #! line`,
  },
  {
    line: /(?:^|: )([^\s:]+): (?:command )?not found$/,
    exitCodes: [127],
    message: ([, command]) =>
      `the command ${command} is not installed on the instance, or not in the PATH of Run Command. Install it, or use its path`,
  },
  {
    line: /(?:^|: )([^\s:]+): Permission denied$/,
    exitCodes: [126],
    message: ([, file]) => `${file} may not be executed. Set its permission: chmod +x ${file}`,
  },
];

/**
 * Finds what the output of a failed script proves about its instance: line endings, interpreter, docker, GPU driver, disk.
 *
 * @returns what happened and what to do, without secrets; undefined when the output proves nothing
 */
export function scriptFault({ exitCode, stdout, stderr }: CommandReport, script: string): string | undefined {
  if (exitCode === null || exitCode === 0) {
    return undefined;
  }
  const lines = [...lastLines(stderr), ...lastLines(stdout)];
  for (const { line: pattern, exitCodes, message } of FAULTS) {
    if (exitCodes && !exitCodes.includes(exitCode)) {
      continue;
    }
    const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null);
    if (match) {
      return redact(message(match, script));
    }
  }
  return undefined;
}

/** The file that a shell names: `/home/ubuntu/run.sh: line 3: ...`, `./run.sh: 3: ...`, `bash: ./run.sh: /bin/sh^M: bad interpreter`. */
function fileIn(line: string): string | undefined {
  const parts = line.split(": ");
  const at = parts.findIndex((part) => /^(?:line )?\d+$/.test(part) || part.endsWith("^M")) - 1;
  return parts[at]?.includes("/") ? parts[at] : undefined;
}

function shellWord(file: string): string {
  return /^[\w./+-]+$/.test(file) ? file : quote(file, "the path");
}

/** The last line first. */
function lastLines(output: string): string[] {
  return outputWithoutMark(output)
    .trimEnd()
    .split("\n")
    .slice(-SEARCHED_LINES)
    .map((line) => line.slice(0, MAX_LINE))
    .reverse();
}
