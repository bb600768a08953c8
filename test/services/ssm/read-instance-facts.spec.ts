import { deepEqual } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { factLines, parseFacts } from "../../../src/services/ssm/read-instance-facts.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** The programs of a minimal system that the command uses. */
const PROGRAMS = ["sh", "grep", "head", "tail", "tr", "cut", "df", "printf"];

describe("the command that reads the state of an instance", () => {
  it("runs on a system without docker, driver and LightlyStudio, and says so", async () => {
    const folder = temporaryFolder();
    const bin = join(folder, "bin");
    await mkdir(bin);
    for (const program of PROGRAMS) {
      const path = execFileSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
      // A built-in command of the shell has no path.
      if (path.startsWith("/")) {
        await symlink(path, join(bin, program));
      }
    }
    const script = join(folder, "it's a script.sh");
    await writeFile(script, "#!/bin/sh\n");
    const wanted = { scripts: [script, "/nowhere.sh"], pythons: ["/nowhere/bin/python"] };
    const stdout = execFileSync("/bin/sh", ["-c", factLines(wanted).join("\n")], {
      encoding: "utf8",
      env: { PATH: bin },
    });
    const { freeBytes = 0, ...facts } = parseFacts(stdout, wanted);
    deepEqual(facts, {
      scripts: { [script]: "ok", "/nowhere.sh": "missing" },
      pythons: { "/nowhere/bin/python": "missing" },
      docker: "missing",
      gpu: "missing",
    });
    deepEqual(freeBytes > 0, true);
  });

  it("reports nothing that its output does not contain", () => {
    deepEqual(parseFacts("", { scripts: ["/a.sh"], pythons: [] }), { scripts: {}, pythons: {} });
  });

  it("reads several GPUs", () => {
    deepEqual(parseFacts("gpu Tesla T4,NVIDIA A10G,\n", { scripts: [], pythons: [] }).gpu, "Tesla T4, NVIDIA A10G");
  });
});
