import { deepEqual, equal, ok } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { useRestarts } from "./support/restarts.ts";
import { untilLogged } from "./support/until-logged.ts";

describe("the journal of the runs", () => {
  const restarts = useRestarts();
  const filesIn = async (folder: string): Promise<string[]> =>
    (await readdir(join(restarts.userDir, folder))).filter((name) => name.endsWith(".json"));

  beforeEach(() => {
    restarts.sandbox.faults.runNeverEnds = true;
  });

  it("contains no secret", async () => {
    await restarts.start();
    await restarts.untilSelecting();
    const files = await filesIn("lightly-aws/runs");
    equal(files.length, 1);
    const { token, credentials, pexelsKey } = restarts.sandbox;
    for (const name of files) {
      const text = await readFile(join(restarts.userDir, "lightly-aws/runs", name), "utf8");
      for (const secret of [token, credentials.secretAccessKey, pexelsKey]) {
        equal(text.includes(secret), false, name);
      }
    }
  });

  it("is in the folder that the settings name", async () => {
    const first = await restarts.start(`lightlyAwsRunsDir: "elsewhere",`);
    const { runId } = await restarts.untilSelecting();
    await first.kill();
    equal((await filesIn("elsewhere")).length, 1);
    await restarts.start(`lightlyAwsRunsDir: "elsewhere",`);
    deepEqual(
      (await restarts.runs()).map((run) => run.runId),
      [runId],
    );
  });

  it("does not prevent Node-RED from starting if a file is damaged", async () => {
    const first = await restarts.start();
    await restarts.untilSelecting();
    await first.kill();
    const [name = ""] = await filesIn("lightly-aws/runs");
    await writeFile(join(restarts.userDir, "lightly-aws/runs", name), '{"version":1,"runId":"torn');
    await restarts.start();
    deepEqual(await restarts.runs(), []);
    await untilLogged(restarts.log, /\[warn\].*renamed to \*\.damaged/);
    const run = await restarts.untilSelecting();
    ok(run.state === "running");
  });
});
