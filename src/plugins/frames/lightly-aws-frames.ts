import type { Request, Response } from "express";
import type { NodeAPI } from "node-red";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { allowHostsOfSettings } from "../../nodes/shared/allowed-hosts.ts";
import { requireSameOrigin } from "../require-same-origin.ts";
import { DownloadLinks } from "./download-links.ts";
import type { RunFrame, RunFrames } from "./run-frames.ts";

/** The page size, unless the request has a smaller limit. */
const MAX_FRAMES = 500;
const MAX_MS = 60_000;

/**
 * The frames that a run has selected, over Node-RED's admin API (permission `lightly-aws-runs.read`):
 * `GET lightly-aws/runs/:runId/frames?offset=` lists them, `GET .../frames/:index/thumbnail` and `.../frames/:index/picture` send their
 * bytes, so that no signed URL reaches a browser. `GET .../frames.zip` sends all pictures; `POST .../frames/download` returns a link to
 * them that a browser can follow without an access token, once.
 */
export default function lightlyAwsFrames(red: NodeAPI): void {
  allowHostsOfSettings(red);
  let loaded: Promise<RunFrames> | undefined;
  const framesOf = async (runId: string, signal: AbortSignal): Promise<readonly RunFrame[]> => {
    loaded ??= import("./run-frames.ts").then(({ RunFrames: Frames }) => new Frames(red));
    return await (await loaded).of(runId, signal);
  };
  const mayRead = red.auth.needsPermission("lightly-aws-runs.read");

  red.httpAdmin.get("/lightly-aws/runs/:runId/frames", mayRead, (request, response) => {
    const { runId = "" } = request.params;
    answer(response, async (signal) => {
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

  const sendZip = (runId: string, response: Response): void => {
    answer(
      response,
      async (signal) => {
        const { zipFrames } = await import("./zip-frames.ts");
        await zipFrames({ frames: await framesOf(runId, signal), runId, response, signal });
      },
      { log: (text) => red.log.warn(text) },
    );
  };

  red.httpAdmin.get("/lightly-aws/runs/:runId/frames.zip", mayRead, ({ params: { runId = "" } }, response) => {
    sendZip(runId, response);
  });

  const links = new DownloadLinks();
  const ownPages = requireSameOrigin(red);
  red.httpAdmin.post("/lightly-aws/runs/:runId/frames/download", mayRead, ownPages, ({ params }, response) => {
    const { runId = "" } = params;
    answer(response, async (signal) => {
      await framesOf(runId, signal);
      response.set("cache-control", "no-store").json({ url: `lightly-aws/downloads/${links.create(runId)}` });
    });
  });

  // Without a permission: who has the link has had it when the link was created.
  red.httpAdmin.get("/lightly-aws/downloads/:secret", ({ params: { secret = "" } }, response) => {
    const runId = links.use(secret);
    if (runId === undefined) {
      const message =
        "This link was used already, or is older than a minute. Start the download again in the Runs view.";
      response.status(404).json({ code: "RUN_NOT_FOUND", message });
      return;
    }
    sendZip(runId, response);
  });

  for (const kind of ["thumbnail", "picture"] as const) {
    red.httpAdmin.get(`/lightly-aws/runs/:runId/frames/:index/${kind}`, mayRead, (request: Request, response) => {
      const { runId = "", index = "" } = request.params;
      answer(response, async (signal) => {
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

/**
 * Answers a request, and aborts the work when the client disconnects.
 *
 * @param download.log - for a download, which has no time limit: is told why it has ended too early
 */
function answer(
  response: Response,
  work: (signal: AbortSignal) => Promise<void>,
  download?: { readonly log: (text: string) => void },
): void {
  const disconnected = new AbortController();
  response.on("close", () => disconnected.abort());
  const limits = download ? [disconnected.signal] : [disconnected.signal, AbortSignal.timeout(MAX_MS)];
  work(AbortSignal.any(limits)).catch((thrown: unknown) => {
    const { code, message } = toPipelineError(thrown);
    if (response.headersSent) {
      if (!disconnected.signal.aborted) {
        download?.log(`A download of frames has ended too early: ${redact(message)}`);
      }
      response.destroy();
      return;
    }
    response.status(statusOf(code)).json({ code, message: redact(message) });
  });
}

function statusOf(code: string): number {
  switch (code) {
    case "RUN_NOT_FOUND":
    case "RUN_WITHOUT_SELECTION":
      return 404;
    case "ACCOUNT_MISSING":
      return 409;
    case "INTERNAL":
      return 500;
    case "TIMED_OUT":
      return 504;
    default:
      return 502;
  }
}
