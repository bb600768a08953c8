import type { NodeAPI } from "node-red";
import { allowHostsOfSettings } from "../../nodes/shared/allowed-hosts.ts";
import { addDownloadRoutes } from "./download-routes.ts";
import { addPictureRoutes } from "./picture-routes.ts";
import type { FramesOf, RunFrames } from "./run-frames.ts";

/**
 * The frames that a run has selected, over Node-RED's admin API (permission `lightly-aws-runs.read`):
 * `GET lightly-aws/runs/:runId/frames?offset=` lists them, `GET .../frames/:index/thumbnail` and `.../frames/:index/picture` send their
 * bytes, so that no signed URL reaches a browser. `GET .../frames.zip` sends all pictures; `POST .../frames/download` returns a link to
 * them that a browser can follow without an access token, once.
 */
export function addFrameRoutes(red: NodeAPI): void {
  allowHostsOfSettings(red);
  let loaded: Promise<RunFrames> | undefined;
  const framesOf: FramesOf = async (runId, signal) => {
    loaded ??= import("./run-frames.ts").then(({ RunFrames: Frames }) => new Frames(red));
    return await (await loaded).of(runId, signal);
  };
  const mayRead = red.auth.needsPermission("lightly-aws-runs.read");
  addPictureRoutes(red, mayRead, framesOf);
  addDownloadRoutes(red, mayRead, framesOf);
}
