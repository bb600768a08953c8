import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readProgress } from "../../../../src/services/studio/studio-progress.ts";
import { studioObjects } from "../../../../src/services/studio/studio-request.ts";
import { until } from "../../../nodes/support/until.ts";
import type { Setup } from "../../judge.ts";
import { runProcess } from "../../run-process.ts";
import { comparePictures } from "./compare-pictures.ts";
import type { StudioRuns } from "./studio-runs.ts";

/** Room for a database with nothing in it, and not for one with the frames of two clips. */
const SMALL_DISK_MIB = 12;
const LIMIT_MS = 60_000;

/** What fails without an error in LightlyStudio, or takes long. */
export async function judgeTraps(setup: Setup, runs: StudioRuns): Promise<void> {
  const { tally, sandbox, folder, python } = setup;
  const input = `s3://${sandbox.buckets.input}`;
  await tally.check(
    "a video with a variable frame rate: times, rates and pictures are those of its frames",
    async () => {
      const file = path.join(folder, "variable.mp4");
      const script = path.join(import.meta.dirname, "make_variable.py");
      const made = await runProcess({ command: python, args: [script, file], environment: process.env });
      assert.equal(made.code, 0, made.stderr);
      const times = JSON.parse(made.stdout) as number[];
      await runs.upload("variable/clip.mp4", file);
      const inputs = [`${input}/variable/clip.mp4`];
      for (const framesPerSecond of [null, 1]) {
        const runId = `variable-${framesPerSecond}`;
        const end = await runs.run(runId, { inputs, framesPerSecond });
        assert.equal(end.code, 0, end.error);
        const manifest = await runs.manifest(runId, { inputs });
        // The first frame of each second that has one.
        const candidates = times.flatMap((time, number) =>
          framesPerSecond === null || number === 0 || Math.floor(time) > Math.floor(times[number - 1] ?? 0)
            ? [number]
            : [],
        );
        assert.equal(manifest.counts.frames, candidates.length);
        for (const { frame, seconds } of manifest.frames) {
          assert.ok(candidates.includes(frame), `frame ${frame}`);
          assert.ok(Math.abs(seconds - (times[frame] ?? Number.NaN)) < 0.002, `frame ${frame} at ${seconds} s`);
        }
        await comparePictures(setup, runs, manifest, () => file);
      }
    },
  );
  if (process.platform === "linux") {
    await tally.check("a full disk is named, and with room again the same run ends", async () => {
      const options = { inputs: [`${input}/raw/a/clip.mp4`, `${input}/raw/b/`] };
      const full = await runs.run("full", { ...options, instance: "small", diskMiB: SMALL_DISK_MIB });
      assert.match(full.error, /^STUDIO_DISK_FULL: .*larger volume/, full.stderr);
      assert.equal(full.code, 9);
      const again = await runs.run("full", { ...options, instance: "large" });
      assert.equal(again.code, 0, again.error);
      assert.equal((await runs.manifest("full", options)).counts.selected, 12);
    });
  }
  await tally.check("an installation is visible while it runs", async () => {
    const home = path.join(folder, "installed");
    const bin = path.join(folder, "bin");
    const go = path.join(folder, "go");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "uv"), uv(python, go));
    chmodSync(path.join(bin, "uv"), 0o755);
    const options = { inputs: [`${input}/raw/a/clip.mp4`] };
    const { progress } = studioObjects(runs.request("installs", options));
    const running = runs.run(
      "installs",
      { ...options, python: path.join(home, "bin", "python"), install: "cpu" },
      { PATH: `${bin}:${process.env.PATH}` },
    );
    await until(async () => {
      const told = readProgress(String(await runs.read(progress).catch(() => "")));
      return told?.phase === "install" && (told.megabytes ?? 0) >= 30 && told.phases?.[0]?.name === "install";
    }, LIMIT_MS);
    assert.ok(!existsSync(home), "It is not at its place before it is complete.");
    writeFileSync(go, "");
    const end = await running;
    assert.equal(end.code, 0, end.error);
    assert.deepEqual(end.phases.slice(0, 3), ["install", "start", "index"]);
  });
}

/** A program in the place of uv, which makes an environment of the one that is there, and takes its time. */
function uv(python: string, go: string): string {
  return `#!/bin/sh
case "$*" in
  venv*)
    for new; do :; done
    mkdir -p "$new/bin"
    printf '#!/bin/sh\nexec "%s" "$@"\n' '${python}' > "$new/bin/python"
    chmod +x "$new/bin/python" ;;
  *torch-backend*)
    until [ -e '${go}' ]; do head -c 1000000 /dev/urandom >> "$(dirname "$0")/written"; sleep 0.1; done ;;
esac
`;
}
