import assert from "node:assert/strict";
import type { StudioProgress } from "../../../../src/services/studio/studio-progress.ts";
import type { Setup } from "../../judge.ts";
import type { StudioRuns } from "./studio-runs.ts";

const PHASES = ["index", "export", "start", "select", "save"] as const;

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
      // The killed one still has the lease. The same run takes it wherever it continues.
      const again = await runs.run("run", { ...options, instance: phase === "index" ? "another" : "one" });
      assert.equal(again.code, 0, again.error);
      assert.ok(!again.phases.includes("wait"));
      assert.deepEqual(await frames(options.dataset), expected);
    });
  }
  await tally.check("terminated, it ends with 143 and gives the dataset free for another instance", async () => {
    const options = { dataset: "terminated", inputs };
    const ended = await runs.run("run", { ...options, kill: { signal: "SIGTERM", phase: "index" } });
    assert.equal(ended.code, 143, ended.stderr);
    const again = await runs.run("other", { ...options, instance: "two" });
    assert.equal(again.code, 0, again.error);
    assert.ok(!again.phases.includes("wait"));
  });
  await tally.check("another run waits until the lease of a killed one ends, and says until when and why", async () => {
    const options = { dataset: "left", inputs };
    const lease = `${runs.request("run", options).datasetUri}/lease.json`;
    await runs.run("run", { ...options, kill: { signal: "SIGKILL", phase: "index" } });
    // Two minutes in real life.
    const left = JSON.parse(String(await runs.read(lease)));
    const until = Date.now() / 1000 + WAIT_SECONDS;
    await runs.write(lease, JSON.stringify({ ...left, until }));
    let told: StudioProgress | undefined;
    const other = await runs.run("other", {
      ...options,
      instance: "two",
      onProgress: (progress) => {
        told = progress.phase === "wait" ? progress : told;
      },
    });
    assert.equal(other.code, 0, other.error);
    assert.ok(Date.now() / 1000 >= until);
    assert.ok(Math.abs((told?.until ?? 0) / 1000 - until) < 1);
    assert.match(told?.message ?? "", /^The run run on .* uses the dataset\. If it has died, the dataset is free at 2/);
  });
  await tally.check("another run does not wait for one that renews its lease", async () => {
    const options = { dataset: "renewed", inputs };
    const lease = `${runs.request("run", options).datasetUri}/lease.json`;
    const renew = () =>
      runs.write(lease, JSON.stringify({ id: "1", runId: "one", place: "there", until: Date.now() / 1000 + 120 }));
    await renew();
    const timer = setInterval(() => void renew(), 500);
    try {
      const { code, error, phases } = await runs.run("two", options);
      assert.match(error, /^STUDIO_DATASET_BUSY: The run one on there works on/);
      assert.deepEqual([code, phases], [8, ["wait", "failed"]]);
    } finally {
      clearInterval(timer);
    }
  });
}

/** Longer than the start of Python, so that the other run has to wait. */
const WAIT_SECONDS = 20;
