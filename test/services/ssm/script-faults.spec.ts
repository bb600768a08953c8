import { equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptCommand } from "../../../src/services/ssm/script-command.ts";
import { scriptFault } from "../../../src/services/ssm/script-faults.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const SCRIPT = "/home/ubuntu/run.sh";

const faultOf = (exitCode: number | null, stderr: string, stdout = ""): string | undefined =>
  scriptFault(
    {
      instanceId: "i-0123456789abcdef0",
      status: "Failed",
      statusDetails: "Failed",
      exitCode,
      stdout,
      stderr,
      stdoutTruncated: false,
      stderrTruncated: false,
    },
    SCRIPT,
  );

/** Output lines of the programs of an instance, by exit code. */
const PROVEN: ReadonlyArray<readonly [string, number, string, RegExp]> = [
  [
    "a #! line with CRLF, by bash",
    126,
    `bash: ${SCRIPT}: /bin/bash^M: bad interpreter: No such file or directory`,
    /CRLF/,
  ],
  ["a line with CRLF, by bash", 127, `${SCRIPT}: line 2: $'\\r': command not found`, /CRLF/],
  ["a command with CRLF, by bash", 127, `${SCRIPT}: line 7: $'docker\\r': command not found`, /CRLF/],
  ["a block with CRLF, by bash", 2, `${SCRIPT}: line 3: syntax error near unexpected token \`$'do\\r''`, /CRLF/],
  ["an option with CRLF", 1, "/home/ubuntu/run.sh: line 2: set: pipefail\r: invalid option name", /CRLF/],
  ["env with CRLF", 127, "/usr/bin/env: ‘python3\\r’: No such file or directory", /CRLF/],
  ["a line with CRLF, by dash", 127, `${SCRIPT}: 2: \r: not found`, /CRLF/],
  [
    "a missing interpreter, by bash",
    126,
    `${SCRIPT}: /usr/bin/python9: bad interpreter: No such file or directory`,
    /interpreter \/usr\/bin\/python9 is not/,
  ],
  ["a missing interpreter, by env", 127, "env: ‘python9’: No such file or directory", /interpreter python9 is not/],
  ["a mount with noexec", 126, `bash: ${SCRIPT}: /bin/bash: bad interpreter: Permission denied`, /noexec/],
  ["a file without permission", 126, `${SCRIPT}: line 4: ./tool: Permission denied`, /chmod \+x \.\/tool/],
  ["another processor", 126, "./tool: cannot execute binary file: Exec format error", /amd64 or arm64/],
  ["an image of another processor", 255, "exec /opt/worker: exec format error", /amd64 or arm64/],
  ["a missing command", 127, `${SCRIPT}: line 3: nvidia-smi: command not found`, /command nvidia-smi is not installed/],
  ["a missing command, by dash", 127, `${SCRIPT}: 3: nvidia-smi: not found`, /command nvidia-smi is not installed/],
  ["no docker", 127, `${SCRIPT}: line 1: docker: command not found`, /docker is not installed/],
  [
    "no docker daemon",
    1,
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    /docker does not run/,
  ],
  [
    "no daemon permission",
    126,
    "docker: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get ...",
    /group docker/,
  ],
  [
    "no GPU support in docker",
    125,
    'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
    /NVIDIA Container Toolkit/,
  ],
  [
    "no GPU driver",
    125,
    "nvidia-container-cli: initialization error: nvml error: driver not loaded: unknown.",
    /GPU driver .* is not loaded/,
  ],
  [
    "no GPU driver, by nvidia-smi",
    9,
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    /GPU driver .* is not loaded/,
  ],
  [
    "a full disk",
    1,
    "write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
    /disk of the instance is full/,
  ],
  ["no terminal", 1, "the input device is not a TTY", /Remove -t/],
  [
    "a container that is still there",
    125,
    'docker: Error response from daemon: Conflict. The container name "/worker" is already in use by container "1f".',
    /docker rm -f worker/,
  ],
  [
    "no such image",
    125,
    "docker: Error response from daemon: pull access denied for lightly/wrker, repository does not exist",
    /pull the image/,
  ],
];

describe("the cause of a failure in the output of a script", () => {
  for (const [name, exitCode, line, meaning] of PROVEN) {
    it(`is ${name}, on stderr and in a log on stdout`, () => {
      match(faultOf(exitCode, `starting\n${line}\n`) ?? "", meaning);
      match(faultOf(exitCode, "", `starting\n${line}\n`) ?? "", meaning);
    });
  }

  it("contains how to fix line endings, in the file that the output names", () => {
    ok(faultOf(127, `${SCRIPT}: line 2: $'\\r': command not found`)?.includes("sed -i 's/\\r$//' /home/ubuntu/run.sh"));
    match(
      faultOf(127, "/opt/tools/start.sh: line 2: $'\\r': command not found") ?? "",
      /^\/opt\/tools\/start\.sh has .* \/opt\/tools\/start\.sh$/,
    );
    match(faultOf(127, "/usr/bin/env: ‘bash\\r’: No such file or directory") ?? "", /\/home\/ubuntu\/run\.sh$/);
    match(faultOf(127, "/a b/x.sh: line 2: $'\\r': command not found") ?? "", /sed/);
  });

  it("is unknown if exit code or text don't match", () => {
    for (const [exitCode, stderr] of [
      [0, `${SCRIPT}: line 2: $'\\r': command not found`],
      [null, `${SCRIPT}: line 2: $'\\r': command not found`],
      [1, `${SCRIPT}: line 3: nvidia-smi: command not found\nValueError: no frames`],
      [1, "PermissionError: [Errno 13] Permission denied: '/data'"],
      [3, "loading 10 %\rloading 20 %\rdone\nno GPU found"],
      [127, ""],
      [1, `the page was not found\n${"later\n".repeat(60)}`],
      [1, `no space left on device\n${"later\n".repeat(60)}`],
    ] as const) {
      equal(faultOf(exitCode, stderr), undefined, stderr.slice(0, 80));
    }
  });

  it("contains no secrets", () => {
    const said = faultOf(127, `/run.sh: line 1: LIGHTLY_TOKEN=0123456789abcdef0123456789abcdef: command not found`);
    ok(!said?.includes("0123456789abcdef"), said);
  });
});

describe("scripts that real shells can't run", () => {
  const folder = temporaryFolder();

  const fail = async (shell: string, text: string | Buffer, mode = 0o755): Promise<string> => {
    const script = join(folder, "run.sh");
    await writeFile(script, text);
    await chmod(script, mode);
    const { status, stdout, stderr } = spawnSync(shell, ["-c", scriptCommand({ script }).join("\n")], {
      encoding: "utf8",
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return faultOf(status, stderr, stdout) ?? `unexplained: ${status} ${stderr}`;
  };

  for (const shell of ["/bin/sh", "/bin/bash"]) {
    it(`are explained if they have CRLF line endings (${shell})`, async () => {
      for (const text of [
        "#!/bin/bash\r\necho hello\r\n",
        "#!/bin/sh -e\r\necho hello\r\n",
        "#!/usr/bin/env bash\r\necho hello\r\n",
        "#!/bin/bash\necho hello\r\nset -euo pipefail\r\n",
        "#!/bin/sh\n\r\ntrue\r\n",
        "set -e\r\n\r\nexit 3\r\n",
        "for x in a b\r\ndo\r\n  echo $x\r\ndone\r\n",
        "if true; then\r\n  echo hello\r\nfi\r\n",
        "\uFEFF#!/bin/bash\r\necho hello\r\n",
      ]) {
        match(await fail(shell, text), /CRLF/, JSON.stringify(text));
        match(await fail(shell, text, 0o644), /CRLF/, `not executable: ${JSON.stringify(text)}`);
      }
    });

    it(`are explained if they have a byte order mark, or are in UTF-16 (${shell})`, async () => {
      match(await fail(shell, "\uFEFF#!/bin/bash -e\necho hello\n"), /byte order mark.*sed -i/);
      match(await fail(shell, "\uFEFFset -e\nfalse\n"), /byte order mark/);
      const text = "\uFEFF#!/bin/bash\r\necho hello\r\n";
      for (const bytes of [Buffer.from(text, "utf16le"), Buffer.from(text, "utf16le").swap16()]) {
        match(await fail(shell, bytes), /UTF-16.*iconv -f UTF-16 -t UTF-8/);
      }
    });

    it(`are explained if their interpreter does not exist (${shell})`, async () => {
      for (const mode of [0o755, 0o644]) {
        match(await fail(shell, "#!/usr/bin/none-such -x\n", mode), /interpreter \/usr\/bin\/none-such is not/);
        match(await fail(shell, "#!/usr/bin/env none-such\n", mode), /interpreter none-such is not/);
      }
    });

    it(`are explained if they call something that does not exist, or may not be executed (${shell})`, async () => {
      match(await fail(shell, "none-such --help\n"), /command none-such is not installed/);
      await writeFile(join(folder, "tool"), "", { mode: 0o644 });
      match(await fail(shell, `exec ${join(folder, "tool")}\n`), /chmod \+x/);
      await writeFile(join(folder, "elf"), "\x7fELF", { mode: 0o755 });
      match(await fail(shell, `exec ${join(folder, "elf")}\n`), /another kind of processor/);
    });

    it(`are explained if they are programs without permission (${shell})`, async () => {
      match(await fail(shell, "\x7fELF", 0o644), /may not be executed where it is/);
    });
  }
});
