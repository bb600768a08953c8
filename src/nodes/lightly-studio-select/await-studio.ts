import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { WakeUp } from "../../polling/wake-up.ts";
import type { CommandReport } from "../../services/ssm/command-report.ts";
import type { StudioManifest } from "../../services/studio/studio-manifest.ts";
import type { StudioProgress } from "../../services/studio/studio-progress.ts";
import { CommandFollower } from "../shared/command/command-follower.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { failedWith } from "./failed-attempt.ts";
import { recordPhases } from "./show-progress.ts";
import type { StudioCommand, StudioIds } from "./start-studio.ts";
import { watchProgress } from "./watch-progress.ts";

/** The end of a selection that has not failed. */
export type StudioEnd =
  | {
      readonly state: "COMPLETED";
      /** Its URI. */
      readonly manifest: string;
      readonly counts: StudioManifest["counts"];
      /** The URI of the database for the app of LightlyStudio. */
      readonly database?: string;
    }
  | { readonly state: "CANCELED"; readonly message: string };

/** How many videos a warning names. */
const MAX_NAMED = 5;
const MAX_CHARACTERS = 500;

interface AwaitStudioOptions {
  readonly s3: S3Client;
  readonly command: StudioCommand;
  readonly ids: StudioIds;
  readonly onProgress: (progress: StudioProgress) => void;
}

/**
 * Waits for the end of a selection, and reads its manifest. If the step is aborted, the command is canceled.
 *
 * @throws PipelineError `STUDIO_*`, `SSM_COMMAND_*`, `EC2_INSTANCE_LOST`, `S3_*`, `TIMED_OUT`; if the flow is stopped or redeployed, `ABORTED`
 */
export async function awaitStudio(context: StepContext, options: AwaitStudioOptions): Promise<StudioEnd> {
  const { s3, command, ids, onProgress } = options;
  const { signal } = context;
  const { studioObjects } = await import("../../services/studio/studio-request.ts");
  const { studioError } = await import("../../services/studio/studio-end.ts");
  const { progress } = studioObjects(ids);
  const wakeUp = new WakeUp();
  const follower = new CommandFollower(context, {
    ...command,
    pollMs: undefined,
    wakeUp,
    mayBeWorker: false,
    errorOf: studioError,
  });
  const ended = new AbortController();
  const watching = watchProgress(context, {
    s3,
    uri: progress,
    signal: AbortSignal.any([signal, ended.signal]),
    onProgress,
    onEnd: () => wakeUp.now(),
  });
  try {
    return await resultOf(context, follower, await follower.untilEnded(), options);
  } catch (error) {
    if (!signal.aborted || context.isClosed) {
      throw error;
    }
    // Ended on purpose: for the flow that is a result.
    return { state: "CANCELED", message: "The selection was canceled, and with it the command on the instance." };
  } finally {
    ended.abort();
    follower.close();
    await watching;
  }
}

/** Names the videos that can't be decoded, end too early, or have changed: the counts alone do not say which. */
function warnOfVideos(context: StepContext, { broken, notes }: StudioManifest): void {
  const faults = [...broken.map(({ uri, reason }) => ({ uri, note: reason })), ...notes];
  const named = faults.slice(0, MAX_NAMED).map(({ uri, note }) => `${uri}: ${note}`.slice(0, MAX_CHARACTERS));
  const others = faults.length > named.length ? [`${faults.length - named.length} more are in the manifest`] : [];
  if (faults.length > 0) {
    context.warn(`LightlyStudio has not used all videos as they are. ${[...named, ...others].join("; ")}.`);
  }
}

async function resultOf(
  context: StepContext,
  follower: CommandFollower,
  reports: readonly CommandReport[],
  { s3, ids }: AwaitStudioOptions,
): Promise<StudioEnd> {
  const { isStudioDone, studioError } = await import("../../services/studio/studio-end.ts");
  const [report] = reports;
  if (report === undefined || !isStudioDone(report)) {
    // A selection whose instance was stopped by its own run has no result either.
    const failure = (await follower.failure(reports, true)) ?? (report && studioError(report));
    throw await failedWith(context, failure ?? new PipelineError("STUDIO_SCRIPT_FAILED", "The command has no report."));
  }
  context.status.show("working", "reading");
  const { readPhases } = await import("../../services/studio/studio-progress.ts");
  const { readRunManifest } = await import("../../services/studio/read-run-manifest.ts");
  const { studioObjects } = await import("../../services/studio/studio-request.ts");
  const read = await readRunManifest({ s3, location: ids, signal: context.signal });
  const { counts, database, phases } = read;
  recordPhases(context, readPhases(phases));
  warnOfVideos(context, read);
  const { manifest } = studioObjects(ids);
  return { state: "COMPLETED", manifest, counts, ...(database !== undefined && { database }) };
}
