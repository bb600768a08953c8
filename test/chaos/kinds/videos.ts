import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Calibration, calibrate } from "../calibration.ts";
import type { Expectation } from "../check-run.ts";
import { cleanUp } from "../clean-up.ts";
import { aborted, killed } from "../disturbed-runs.ts";
import { killsOf } from "../kill-plan.ts";
import type { Moment } from "../moment.ts";
import { otherExample } from "../other-example.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { Folders, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
/** More than the four that are uploaded at a time. */
const VIDEOS = 7;
const EXPECTATION: Expectation = { runs: 1, outcome: "completed", videos: VIDEOS };

const EXAMPLE = otherExample({
  file: "folder.json",
  first: "lightly-video-source",
  fields: { "lightly-s3-upload": { retrySeconds: "0.2" }, "lightly-video-source": { retrySeconds: "0.2" } },
});

const folderOf = ({ stateDir }: Folders): string => join(stateDir, "folder");

/** One run over a folder of videos: each of them is uploaded once, one selection is made, and nothing is left running. */
export const videos: Kind = {
  name: "videos",
  title: "a folder of videos in one run: Node-RED is killed, or the run is aborted",
  count: 4,
  run: async (context) => {
    const world = await context.open({
      flow: EXAMPLE,
      environment: (_sandbox, folders) => ({ PIPELINE_FOLDER: folderOf(folders) }),
    });
    await offer(world, "cold");
    await calibrate(world, "small", EXPECTATION);
    await offer(world, "warm");
    const calibration = await calibrate(world, "small", EXPECTATION);
    context.note(`${VIDEOS} videos: ${calibration.lengthMs} ms, ${calibration.journalWrites} journal writes`);
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await offer(world, `round-${nr}`);
      await play(context, world, nr, calibration);
    }
  },
};

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  nr: number,
  calibration: Calibration,
): Promise<void> {
  const moment: Moment = { by: "time", ms: new Choices(seed, "videos", nr).number(0, calibration.lengthMs) };
  const disturbed = { world, expectation: EXPECTATION, limitMs: LIMIT_MS };
  const round =
    nr % 4 === 0 ? aborted({ ...disturbed, moment }) : killed({ ...disturbed, ...killsOf(seed, nr, calibration) });
  const result = await playRound({
    ...round,
    ...{ world, kind: "videos", nr, seed, video: "small", limitMs: LIMIT_MS, keep },
  });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

/** Fills the folder with new videos. */
async function offer(world: World, name: string): Promise<void> {
  const folder = folderOf(world);
  const filled = `${folder}-next`;
  const content = await world.videos.bytes("small");
  await mkdir(filled);
  await Promise.all(
    Array.from({ length: VIDEOS }, (_, index) => writeFile(join(filled, `${name}-${index + 1}.mp4`), content)),
  );
  await rm(folder, { recursive: true, force: true });
  await rename(filled, folder);
}
