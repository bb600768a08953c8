import type { RequestHandler, Response } from "express";
import type { NodeAPI } from "node-red";
import { requireSameOrigin } from "../require-same-origin.ts";
import { DownloadLinks } from "./download-links.ts";
import { respondOrAbort } from "./respond-or-abort.ts";
import type { FramesOf } from "./run-frames.ts";

/** The requests for all pictures of a run in one file, directly or by a link that works once. */
export function addDownloadRoutes(red: NodeAPI, mayRead: RequestHandler, framesOf: FramesOf): void {
  const { httpAdmin } = red;
  const links = new DownloadLinks();
  const ownPages = requireSameOrigin(red);

  const sendZip = (runId: string, response: Response): void => {
    respondOrAbort(
      response,
      async (signal) => {
        const { zipFrames } = await import("./zip-frames.ts");
        await zipFrames({ frames: await framesOf(runId, signal), runId, response, signal });
      },
      { log: (text) => red.log.warn(text) },
    );
  };

  httpAdmin.get("/lightly-aws/runs/:runId/frames.zip", mayRead, ({ params: { runId = "" } }, response) => {
    sendZip(runId, response);
  });

  httpAdmin.post("/lightly-aws/runs/:runId/frames/download", mayRead, ownPages, ({ params }, response) => {
    const { runId = "" } = params;
    respondOrAbort(response, async (signal) => {
      await framesOf(runId, signal);
      response.set("cache-control", "no-store").json({ url: `lightly-aws/downloads/${links.create(runId)}` });
    });
  });

  // Without a check of permissions: the user had the permission when the link was created.
  httpAdmin.get("/lightly-aws/downloads/:secret", ({ params: { secret = "" } }, response) => {
    const runId = links.use(secret);
    if (runId === undefined) {
      const message =
        "This link was used already, or is older than a minute. Start the download again in the Runs view.";
      response.status(404).json({ code: "RUN_NOT_FOUND", message });
      return;
    }
    sendZip(runId, response);
  });
}
