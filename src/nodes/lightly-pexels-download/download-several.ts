import { type PickedVideo, pickVideo, pickVideos } from "../../services/pexels/pick-video.ts";
import { sendAll } from "../shared/step/messages/send-all.ts";
import { addVideo, type Downloads, partialFile } from "./add-video.ts";
import { fields } from "./fields.ts";
import { listPickOf, readFilters } from "./pick-request.ts";

/** How many videos are downloaded, or in a step after this one, at a time. */
const AT_ONCE = 4;
/** How many may fail before the run fails. */
const MAX_FAILURES = 10;

/** Sends one message for each of several different videos. */
export async function downloadSeveral(downloads: Downloads): Promise<Record<string, unknown>> {
  const { client, context } = downloads;
  const { inputs, signal } = context;
  const filters = await readFilters(inputs);
  const { count } = await inputs.read(fields, "count");
  /** What this process has picked: after a restart, Pexels is asked again, because an address may have expired. */
  const picked = new Map<number, PickedVideo>();
  const active = new Set<string>();
  const videos = await sendAll<number>(context, {
    limit: AT_ONCE,
    maxFailures: MAX_FAILURES,
    list: async () => {
      const found = await pickVideos({ client, ...filters, pick: await listPickOf(inputs), signal }, count);
      if (found.length < count) {
        context.warn(`Only ${found.length} videos that match were found at Pexels, and ${count} are wanted.`);
      }
      for (const video of found) {
        picked.set(video.id, video);
      }
      return found.map(({ id }) => id);
    },
    prepare: async (id, message, aborted) => {
      const pick = { kind: "id", id } as const;
      const video = picked.get(id) ?? (await pickVideo({ client, ...filters, pick, signal: aborted }));
      const { basename, ...file } = await partialFile(downloads, video);
      active.add(basename);
      await context.saveIntent({ ...file, basenames: [...active] });
      await addVideo(downloads, message, video, () => {}, aborted);
      active.delete(basename);
    },
  });
  return { videos };
}
