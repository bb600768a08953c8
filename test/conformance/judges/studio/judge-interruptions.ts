import assert from "node:assert/strict";
import type { Setup } from "../../judge.ts";
import type { StudioRuns } from "./studio-runs.ts";

const PHASES = ["start", "index", "select", "export", "save"] as const;

/** A run that is interrupted anywhere, and repeated, ends as an undisturbed one. */
export async function judgeInterruptions({ tally, sandbox }: Setup, runs: StudioRuns): Promise<void> {
  const inputs = [`s3://${sandbox.buckets.input}/raw/a/clip.mp4`, `s3://${sandbox.buckets.input}/raw/b/`];
  const frames = async (dataset: string) =>
    (await runs.manifest("run", { dataset })).frames.map(({ uri: _uri, ...frame }) => frame);
  const undisturbed = await runs.run("run", { dataset: "calm", inputs });
  assert.equal(undisturbed.code, 0, undisturbed.error);
  const expected = await frames("calm");
  for (const phase of PHASES) {
    await tally.check(`killed in the phase ${phase}, and repeated: the same frames`, async () => {
      const options = { dataset: `killed-${phase}`, inputs };
      const killed = await runs.run("run", { ...options, kill: { signal: "SIGKILL", phase } });
      assert.equal(killed.code, null);
      const again = await runs.run("run", options);
      assert.equal(again.code, 0, again.error);
      assert.deepEqual(await frames(options.dataset), expected);
    });
  }
  await tally.check("terminated, it ends with 143 and gives the dataset free for another instance", async () => {
    const options = { dataset: "terminated", inputs };
    const ended = await runs.run("run", { ...options, kill: { signal: "SIGTERM", phase: "index" } });
    assert.equal(ended.code, 143, ended.stderr);
    const again = await runs.run("other", { ...options, instance: "two" });
    assert.equal(again.code, 0, again.error);
  });
  await tally.check("two runs at once on one dataset: one works, the other one says that it is busy", async () => {
    const options = { dataset: "shared", inputs };
    const ends = await Promise.all([
      runs.run("one", { ...options, instance: "three" }),
      runs.run("two", { ...options, instance: "four" }),
    ]);
    assert.deepEqual(ends.map(({ code }) => code).sort(), [0, 8], ends.map(({ error }) => error).join());
    assert.match(
      ends.find(({ code }) => code === 8)?.error ?? "",
      /^STUDIO_DATASET_BUSY: The run (one|two) on .* works on/,
    );
  });
}
