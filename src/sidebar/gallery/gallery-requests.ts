import { host } from "../host/host.ts";
import type { GalleryFrame } from "./gallery-frame.ts";

/** A page of the frames of a run. */
interface FramePage {
  readonly frames: readonly GalleryFrame[];
  readonly total: number;
  readonly more: boolean;
}

/** Reads all frames of a run, page by page. @throws RequestError */
export async function readFrames(runId: string, isCanceled: () => boolean): Promise<GalleryFrame[]> {
  const frames: GalleryFrame[] = [];
  for (let more = true; more && !isCanceled(); ) {
    const path = `lightly-aws/runs/${encodeURIComponent(runId)}/frames?offset=${frames.length}`;
    const page = await host().request<FramePage>("GET", path);
    frames.push(...page.frames);
    more = page.more && page.frames.length > 0;
  }
  return frames;
}

/** Reads a picture as an object URL, to be revoked by the caller. @throws RequestError */
export async function readPicture(path: string): Promise<string> {
  return URL.createObjectURL(await host().file(path));
}
