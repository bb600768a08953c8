import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { studioEnvironment } from "../../scripts/local/studio-environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A program that answers as Python does: to the probe, `-m venv` and `-m pip install`. */
const PYTHON = `#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo "pip $*" >> "$(dirname "$0")/../../pip.log"; echo "no such index" >&2; [ ! -e "$(dirname "$0")/../../fails" ] ;;
  *) echo 3.12 ;;
esac
`;

describe("the environment with LightlyStudio for the demo", () => {
  const before = process.env.PYTHON;
  let folder = "";
  let lines: string[] = [];
  beforeEach(() => {
    const python = join(temporaryFolder(), "python");
    writeFileSync(python, PYTHON);
    chmodSync(python, 0o755);
    process.env.PYTHON = python;
    folder = join(temporaryFolder(), "lightly-studio");
    lines = [];
  });
  after(() => {
    if (before === undefined) {
      delete process.env.PYTHON;
    } else {
      process.env.PYTHON = before;
    }
  });

  const make = (models = false) =>
    studioEnvironment({ folder, models, log: (line) => lines.push(line), signal: new AbortController().signal });
  const installs = () => readFileSync(join(folder, "pip.log"), "utf8").trim().split("\n");

  it("says what is installed, how large it is and how long it takes, before it is installed", async () => {
    const python = await make();
    equal(dirname(dirname(dirname(python))), folder);
    match(lines[0] ?? "", /Installing LightlyStudio and \d+ packages from PyPI .*\n.*1\.2 GB .* minutes\.\n.*is kept/);
    match(installs().join(), /^pip -m pip install --no-input --no-deps -r \S+requirements-studio\.txt$/);
  });

  it("has PyTorch too if frames are embedded with a model", async () => {
    await make();
    await make(true);
    match(lines.join("\n"), /6\.5 GB on disk, of which PyTorch and CUDA are 5/);
    match(installs()[1] ?? "", / -r \S+requirements-studio\.txt -r \S+requirements-studio-models\.txt$/);
  });

  it("is made once", async () => {
    const python = await make();
    lines = [];
    equal(await make(), python);
    equal(installs().length, 1);
    deepEqual(lines, [`LightlyStudio is installed in ${dirname(dirname(python))}.`]);
  });

  it("is made again after an installation that failed, with the reason of pip", async () => {
    const fails = join(folder, "fails");
    await make();
    const [environment = ""] = (lines[0] ?? "").match(/\/\S+(?=:\n)/) ?? [];
    ok(existsSync(join(environment, "complete")));
    writeFileSync(fails, "");
    writeFileSync(process.env.PYTHON ?? "", PYTHON.replace("3.12", "3.13"));
    await rejects(make(), /could not be installed .*: no such index/);
    await rejects(make(), /could not be installed/);
    equal(installs().length, 3);
  });

  it("is refused for another version of Python, with the versions that were found", async () => {
    writeFileSync(process.env.PYTHON ?? "", PYTHON.replace("3.12", "3.9"));
    const path = process.env.PATH;
    process.env.PATH = "/none";
    try {
      await rejects(make(), /--studio needs Python 3\.11 to 3\.13 with venv; found 3\.9\. /);
    } finally {
      process.env.PATH = path;
    }
  });
});
