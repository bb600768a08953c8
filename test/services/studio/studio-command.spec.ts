import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { STUDIO_VERSION, studioCommand } from "../../../src/services/studio/studio-command.ts";
import { readProgress } from "../../../src/services/studio/studio-progress.ts";
import type { StudioRequest } from "../../../src/services/studio/studio-request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { REQUEST } from "./request.ts";

const HOSTILE = "$(touch /tmp/x) `id` 'quote' \"double\" {{ssm:token}} \\ \u00e4\u{1f600}";

describe("the command that runs LightlyStudio", () => {
  let folder = "";
  let python = "";

  beforeEach(() => {
    folder = temporaryFolder();
    python = join(folder, "it's a home", "bin", "python");
  });

  function installPython(): void {
    mkdirSync(join(python, ".."), { recursive: true });
    writeFileSync(python, '#!/bin/sh\necho "arguments: $*"\ncat\n');
    chmodSync(python, 0o755);
  }

  function run(request: StudioRequest = REQUEST, path = python): { code: number | null; stdout: string } {
    const lines = studioCommand({ request, script: "U0NSSVBU", python: path });
    assert.ok(!lines.join("\n").includes("{{"), "Systems Manager would replace it");
    const { status, stdout } = spawnSync("sh", ["-c", lines.join("\n")], {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin" },
    });
    return { code: status, stdout };
  }

  it("hands a program with the script and the request to Python, unchanged whatever the values are", () => {
    installPython();
    const request = { ...REQUEST, dataset: HOSTILE, inputs: [`s3://videos/${HOSTILE}/`] };
    const { code, stdout } = run(request);
    assert.equal(code, 0);
    assert.match(stdout, /^arguments: -$/m);
    assert.match(stdout, /^SCRIPT = "U0NSSVBU"$/m);
    const encoded = /^REQUEST = "(.*)"$/m.exec(stdout)?.[1] ?? "";
    assert.deepEqual(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")), request);
  });

  it("says that Python is missing, as the script says what failed", () => {
    const { code, stdout } = run();
    assert.equal(code, 10);
    const { phase, message } = readProgress(stdout) ?? {};
    assert.equal(phase, "failed");
    assert.match(message ?? "", new RegExp(`Install lightly-studio\\[cloud-storage\\]==${STUDIO_VERSION}`));
  });

  it("names a path that has quotes, backslashes and line breaks", () => {
    const path = `${folder}/it's "a\\b"\n$(id)/bin/python`;
    const { code, stdout } = run(REQUEST, path);
    assert.equal(code, 10);
    assert.ok(readProgress(stdout)?.message?.includes(`There is no ${path} on this instance`), stdout);
  });

  it("installs nothing over a folder that has another content, and says so", () => {
    const home = join(python, "..", "..");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "kept"), "");
    const lines = studioCommand({ request: REQUEST, script: "", python, install: "cpu" });
    const { status, stdout } = spawnSync("sh", ["-c", lines.join("\n")], { encoding: "utf8" });
    assert.equal(status, 10);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    assert.ok(readProgress(last)?.message?.startsWith(`${home} exists on this instance, but has no `), stdout);
    assert.deepEqual([readdirSync(home), readdirSync(folder)], [["kept"], ["it's a home"]]);
  });

  it("makes no environment of a Python that is too old or has no venv, and says what is needed", () => {
    const bin = join(folder, "path");
    mkdirSync(bin);
    const old = `#!/bin/sh\n[ "$1" = -c ] && exit 1\nmkdir -p "$3"\n`;
    writeFileSync(join(bin, "python3"), old, { mode: 0o755 });
    const lines = studioCommand({ request: REQUEST, script: "", python, install: "cpu" });
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    const { status, stdout } = spawnSync("sh", ["-c", lines.join("\n")], { encoding: "utf8", env });
    assert.equal(status, 10);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    assert.match(readProgress(last)?.message ?? "", /^The installation failed\. It needs uv, or python3 3\.10/);
    assert.deepEqual(readdirSync(join(python, "../../..")), ["path"]);
  });

  it("makes the environment once if it may, and has it at its place only when it is complete", () => {
    const bin = join(folder, "path");
    mkdirSync(bin);
    const uv = `#!/bin/sh
if [ "$1" = venv ]; then shift 4; mkdir -p "$1/bin"; printf '#!/bin/sh\\ncat >/dev/null; [ "$2" ] || echo ran\\n' > "$1/bin/python"; chmod +x "$1/bin/python"; exit; fi
echo "$*"
exec test ! -e ${join(folder, "fail")}
`;
    writeFileSync(join(bin, "uv"), uv, { mode: 0o755 });
    const install = () => {
      const lines = studioCommand({ request: REQUEST, script: "", python, install: "cpu" });
      const env = { PATH: `${bin}:/usr/bin:/bin` };
      return spawnSync("sh", ["-c", lines.join("\n")], { encoding: "utf8", env });
    };
    writeFileSync(join(folder, "fail"), "");
    const failed = install();
    assert.equal(failed.status, 10, failed.stderr);
    assert.match(failed.stdout, /The installation failed\./);
    rmSync(join(folder, "fail"));
    const made = install();
    assert.equal(made.status, 0, made.stderr);
    assert.match(
      made.stdout,
      /^pip install .* botocore\npip install .*--torch-backend=cpu lightly-studio\[cloud-storage\]==1\.2\.0\nran/m,
    );
    assert.equal(install().stdout, "ran\n", "not again");
  });

  it("refuses a Python that is not in an environment, and a request that is too large", () => {
    for (const path of ["python3", "/opt/python", "bin/python", ""]) {
      assert.throws(() => run(REQUEST, path), hasCode("SSM_REQUEST_INVALID"), path);
    }
    const inputs = Array.from({ length: 2000 }, (_, index) => `s3://videos/raw/clip-${index}.mp4`);
    assert.throws(() => run({ ...REQUEST, inputs }), /2000 inputs.*Name the folders/);
  });
});

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof PipelineError && error.code === code;
}
