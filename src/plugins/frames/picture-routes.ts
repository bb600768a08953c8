import type { Request, RequestHandler } from "express";
import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { respondOrAbort } from "./respond-or-abort.ts";
import type { FramesOf, RunFrame } from "./run-frames.ts";

/** The page size, unless the request has a smaller limit. */
const MAX_FRAMES = 500;

/** The requests for the list of a run's frames, and for their pictures. */
export function addPictureRoutes(red: NodeAPI, mayRead: RequestHandler, framesOf: FramesOf): void {
  const { httpAdmin } = red;

  httpAdmin.get("/lightly-aws/runs/:runId/frames", mayRead, (request, response) => {
    const { runId = "" } = request.params;
    respondOrAbort(response, async (signal) => {
      const all = await framesOf(runId, signal);
      const offset = Math.max(0, Math.trunc(Number(request.query.offset) || 0));
      const limit = Math.min(MAX_FRAMES, Math.max(1, Math.trunc(Number(request.query.limit) || MAX_FRAMES)));
      const listed = all.slice(offset, offset + limit);
      response.set("cache-control", "no-store").json({
        frames: listed.map((frame, index) => listing(frame, runId, offset + index)),
        total: all.length,
        more: offset + listed.length < all.length,
      });
    });
  });

  for (const kind of ["thumbnail", "picture"] as const) {
    httpAdmin.get(`/lightly-aws/runs/:runId/frames/:index/${kind}`, mayRead, (request: Request, response) => {
      const { runId = "", index = "" } = request.params;
      respondOrAbort(response, async (signal) => {
        const frame = (await framesOf(runId, signal))[/^\d+$/.test(index) ? Number(index) : -1];
        if (frame === undefined) {
          throw new PipelineError("RUN_WITHOUT_SELECTION", `The run ${runId} has no frame ${index}.`);
        }
        const { sendPicture } = await import("./send-picture.ts");
        await sendPicture({ frame, kind, request, response, signal });
      });
    });
  }
}

function listing(frame: RunFrame, runId: string, index: number) {
  const { fileName, video, timeSeconds, frame: number, distance } = frame;
  const thumbnailUrl = `lightly-aws/runs/${encodeURIComponent(runId)}/frames/${index}/thumbnail`;
  return { fileName, video, timeSeconds, frame: number, distance, thumbnailUrl };
}
