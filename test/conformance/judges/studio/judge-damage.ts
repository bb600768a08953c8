import assert from "node:assert/strict";
import { globSync, rmSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import type { StudioManifest } from "../../../../src/services/studio/studio-manifest.ts";
import { studioObjects } from "../../../../src/services/studio/studio-request.ts";
import type { Setup } from "../../judge.ts";
import type { StudioRuns } from "./studio-runs.ts";

const DATASET = "damaged";
const DAMAGED = ["\n", "{", "[]", '{"spec": 1, "frames": {}, "videos": 3, "until": "soon"}'];

/** What was stored in S3 or on the instance is damaged or gone. */
export async function judgeDamage({ tally, sandbox }: Setup, runs: StudioRuns): Promise<void> {
  const input = `s3://${sandbox.buckets.input}/raw`;
  const first = { dataset: DATASET, inputs: [`${input}/a/`], framesPerSecond: 4 };
  const { datasetUri } = runs.request("first", first);
  const picksOf = ({ frames }: StudioManifest) => frames.map(({ video, frame, distance }) => [video, frame, distance]);
  const files = () => globSync(path.join(runs.workFolder(DATASET), "*", "studio.duckdb"));

  await tally.check("a damaged manifest or list of inputs is written again, with the same picks", async () => {
    const options = { ...first, instance: DATASET };
    assert.equal((await runs.run("first", options)).code, 0);
    const picks = picksOf(await runs.manifest("first", first));
    const { folder: output, manifest } = studioObjects(runs.request("first", first));
    for (const content of DAMAGED) {
      await runs.write(manifest, content);
      await runs.write(`${output}/inputs.json`, content);
      const end = await runs.run("first", options);
      assert.equal(end.code, 0, `${content}: ${end.error}`);
      assert.deepEqual(picksOf(await runs.manifest("first", first)), picks);
    }
  });
  await tally.check("a damaged record of a run is named, and nothing is selected without it", async () => {
    const uri = `${datasetUri}/runs/first.json`;
    const record = (await runs.read(uri)).toString("utf8");
    for (const content of DAMAGED) {
      await runs.write(uri, content);
      const end = await runs.run("recorded", { ...first, instance: DATASET });
      assert.match(end.error, /^STUDIO_DATABASE_FAILED: .*\/runs\/first\.json is not the record of a run/);
    }
    await runs.write(uri, record);
  });
  const counts = async (runId: string, video: string, framesPerSecond: number) => {
    const options = { dataset: DATASET, inputs: [`${input}/${video}/`], framesPerSecond };
    const end = await runs.run(runId, { ...options, instance: DATASET });
    assert.equal(end.code, 0, end.error);
    return (await runs.manifest(runId, options)).counts;
  };
  const harm = {
    "a database that is damaged on the instance": async () => {
      for (const file of files()) {
        truncateSync(file, Math.floor(statSync(file).size / 2));
      }
    },
    "a database that is damaged in S3": () => runs.write(`${datasetUri}/studio.duckdb`, "damaged".repeat(1000)),
    "a database that was deleted in S3": () => runs.remove(`${datasetUri}/studio.duckdb`),
    "a database that is gone on the instance and damaged in S3": async () => {
      rmSync(runs.workFolder(DATASET), { recursive: true });
      await runs.write(`${datasetUri}/studio.duckdb`, "");
    },
  };
  for (const [index, [what, act]] of Object.entries(harm).entries()) {
    await tally.check(`${what} is made again, with the earlier picks of any frame rate`, async () => {
      assert.ok(files().length > 0);
      await act();
      await runs.upload(`raw/damaged-${index}/clip.mp4`, await runs.read(`${input}/b/clip.mp4`));
      const { selectedBefore, selected } = await counts(`after-${index}`, `damaged-${index}`, index + 1);
      assert.deepEqual([selectedBefore, selected], [12 * (index + 1), 12]);
    });
  }
  await tally.check(
    "a damaged lease is over in two minutes, and no other run uses the dataset until then",
    async () => {
      await runs.write(`${datasetUri}/lease.json`, "{}");
      const at = Date.now();
      const kill = { signal: "SIGKILL", phase: "wait" } as const;
      const end = await runs.run("leased", { ...first, instance: DATASET, kill });
      assert.deepEqual(end.phases, ["wait"]);
      const waits = (end.last?.until ?? 0) - at;
      assert.ok(waits > 119_000 && waits < 150_000, `${waits} ms`);
    },
  );
}
