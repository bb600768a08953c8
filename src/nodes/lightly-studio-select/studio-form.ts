import { createHash } from "node:crypto";
import { join } from "node:path";
import type { StudioRequest } from "../../services/studio/studio-request.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { readSelection } from "../shared/inputs/read-selection.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";

/** Tests run the sources as ES modules, which have no `__dirname`, from the root of the checkout. */
const HERE = typeof __dirname === "string" ? __dirname : join(process.cwd(), "src", "nodes", "lightly-studio-select");
const SCRIPT_FOLDER = join(HERE, "..", "..", "studio", "select_frames");

/** What the form asks for. */
export interface StudioForm {
  readonly instanceId: string;
  readonly request: StudioRequest;
  readonly python: string;
  readonly install: "no" | "cpu" | "cuda";
}

/**
 * Reads form and message, and checks everything that needs no request.
 *
 * @throws PipelineError `INPUT_INVALID`, `LIGHTLY_SELECTION_INVALID` and the codes of the fields' rules
 */
export async function studioForm(context: StepContext): Promise<StudioForm> {
  const { inputs } = context;
  const { checkStudioSelection } = await import("../../services/studio/studio-strategies.ts");
  const selection = await readSelection(inputs);
  checkStudioSelection(selection);
  const {
    datasetName: dataset,
    videos,
    output,
    datasetUri,
  } = await inputs.read(fields, "datasetName", "videos", "output", "datasetUri");
  const { frames, framesPerSecond, python, install, weights, pictureFormat } = await inputs.read(
    fields,
    "frames",
    "framesPerSecond",
    "python",
    "install",
    "weights",
    "pictureFormat",
  );
  const folder = output.replace(/(?<!\/)\/+$/, "");
  const request = {
    dataset,
    inputs: videos,
    output: folder,
    datasetUri: datasetUri ?? `${folder}/datasets/${dataset}`,
    selection,
    framesPerSecond: frames === "all" ? null : framesPerSecond,
    embedder: await embedder(inputs),
    ...(weights !== undefined && { weights }),
    extension: pictureFormat,
  };
  return {
    instanceId: await instanceOf(context),
    request: { runId: studioRunId(context, request), ...request },
    python,
    install,
  };
}

/** One process at a time uses a dataset, so further instances have nothing to do. */
async function instanceOf({ inputs, warn }: StepContext): Promise<string> {
  const { parseInstanceIds } = await import("../../services/ec2/instance-selector.ts");
  const [first = "", ...others] = parseInstanceIds((await inputs.read(fields, "instanceIds")).instanceIds);
  if (others.length > 0) {
    warn(
      `LightlyStudio runs on ${first} only. It does not use ${others.join(", ")}: start one instance for this step.`,
    );
  }
  return first;
}

/** The lines of the command that runs the request. */
export async function commandLines({ request, python, install }: StudioForm): Promise<string[]> {
  const { packScript } = await import("../../services/studio/pack-script.ts");
  const { studioCommand } = await import("../../services/studio/studio-command.ts");
  const script = await packScript(SCRIPT_FOLDER);
  return studioCommand({ request, script, python, ...(install !== "no" && { install }) });
}

async function embedder(inputs: Inputs): Promise<string> {
  const { embedder: chosen } = await inputs.read(fields, "embedder");
  return chosen === "file" ? (await inputs.read(fields, "embedderFile")).embedderFile : chosen;
}

const MAX_KEPT_CHARACTERS = 60;

/**
 * The id of the run in LightlyStudio. A retry of the step with the same form continues that run. Another message, another node or another
 * form makes another run, even in a run of the same id.
 */
function studioRunId({ runId, nodeId, msg }: StepContext, request: Omit<StudioRequest, "runId">): string {
  const kept = runId.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, MAX_KEPT_CHARACTERS);
  const content = JSON.stringify([runId, nodeId, msg._msgid, request]);
  return `${kept}-${createHash("sha256").update(content).digest("hex").slice(0, 10)}`;
}
