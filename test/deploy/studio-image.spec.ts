import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { STUDIO_VERSION } from "../../src/services/studio/studio-command.ts";
import { stagesOf } from "../conformance/judges/docker/dockerfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const read = (path: string): string => readFileSync(join(PACKAGE_ROOT, path), "utf8");
const run = promisify(execFile);

/** Without a Docker engine: its commands with a pip that only says what it is asked for. */
describe("the image of LightlyStudio", () => {
  const [image] = stagesOf(read("deploy/studio/Dockerfile"));
  const folder = temporaryFolder();

  /** What pip is asked for. */
  async function asked(torch: string): Promise<string[]> {
    const bin = join(folder, "bin");
    await mkdir(bin, { recursive: true });
    const log = join(folder, `pip-${torch}`);
    await writeFile(join(bin, "pip"), `#!/bin/sh\necho "$*" >> '${log}'\n`, { mode: 0o755 });
    const env = { PATH: `${bin}${delimiter}${process.env.PATH}`, TORCH: torch };
    for (const command of image?.commands ?? []) {
      await run("sh", ["-c", command], { env, cwd: folder });
    }
    return (await readFile(log, "utf8")).trim().split("\n");
  }

  it("installs PyTorch for CUDA or for the CPU, by a build argument, and LightlyStudio with the same PyTorch", async () => {
    for (const [torch, index] of [
      ["cuda", "https://pypi.org/simple"],
      ["cpu", "https://download.pytorch.org/whl/cpu"],
    ] as const) {
      const [first = "", second = ""] = await asked(torch);
      ok(first.includes(`--index-url ${index} torch==`), first);
      equal(/torch==\S+/.exec(second)?.[0], /torch==\S+/.exec(first)?.[0]);
    }
  });

  it("refuses another build argument", async () => {
    const refused = await asked("gpu").catch((error: { readonly stderr: string }) => error.stderr);
    match(String(refused), /TORCH is cuda or cpu, not gpu/);
  });

  it("has the versions that the script is made for and the judges use", async () => {
    const pins = (await asked("cuda")).join(" ").match(/[\w-]+(?:\[[\w-]+\])?==[\d.]+/g) ?? [];
    const known = ["requirements-studio.txt", "requirements-studio-models.txt"].map((name) =>
      read(`test/conformance/${name}`),
    );
    const names = pins.map((pin) => pin.replace(/\[.*\]/, ""));
    deepEqual(
      names.filter((pin) => !known.join("\n").split("\n").includes(pin)),
      [],
    );
    ok(names.includes(`lightly-studio==${STUDIO_VERSION}`));
    match(
      read("src/studio/select_frames/__main__.py"),
      new RegExp(`^VERSION = "${STUDIO_VERSION.replaceAll(".", "\\.")}"$`, "m"),
    );
  });

  it("contains the script and nothing else of the repository, as its entry point", () => {
    const [source = "", target = ""] = image?.copies[0]?.split(" ") ?? [];
    equal(image?.copies.length, 1);
    ok(existsSync(join(PACKAGE_ROOT, source, "__main__.py")));
    deepEqual([target, image?.entryPoint], ["select_frames/", ["python", "-m", "select_frames"]]);
    equal(image?.variables.PYTHONPATH, image?.workdir);
    deepEqual(read("deploy/studio/Dockerfile.dockerignore").trim().split("\n").slice(0, 2), ["*", `!${source}`]);
  });

  it("is not run by root, writes to the folder for temporary files only, and has no secret", () => {
    equal(image?.user, "1000:1000");
    const { HOME, LIGHTLY_STUDIO_WORK_DIR, LIGHTLY_STUDIO_MODEL_CACHE_DIR } = image?.variables ?? {};
    for (const path of [HOME, LIGHTLY_STUDIO_WORK_DIR, LIGHTLY_STUDIO_MODEL_CACHE_DIR]) {
      match(path ?? "", /^\/var\/tmp(?:\/|$)/);
    }
    deepEqual(
      Object.keys(image?.variables ?? {}).filter((name) => /token|secret|password|access|credential/i.test(name)),
      [],
    );
  });

  it("gets its request from the command of a job: neither the template nor the sandbox has a default one", () => {
    const definition = /^ {2}BatchStudio:\n(?:(?: {3,}.*)?\n)*/m.exec(read("deploy/aws/template.yaml"))?.[0] ?? "";
    match(definition, /Image: !Ref BatchImage/);
    equal(/^ {8}(?:Command|User):/m.test(definition), false);
  });
});
