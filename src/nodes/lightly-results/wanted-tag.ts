import { PipelineError } from "../../errors/pipeline-error.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { SelectionTag } from "../../services/lightly/tags/worker-run-tag.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";

/** A tag and the dataset that it belongs to. */
export interface TagRef {
  readonly datasetId: string;
  readonly tag: SelectionTag;
}

/**
 * Finds the tag of the form or message: by name, by id, or as *lightly run* puts it on the message. Default: the tag of the message's
 * Lightly run.
 *
 * @throws PipelineError `INPUT_INVALID`, `LIGHTLY_TAG_NOT_FOUND`, and the errors of Lightly's services
 */
export async function findWantedTag(client: LightlyClient, context: StepContext): Promise<TagRef> {
  const { inputs, msg, signal } = context;
  const { findTag } = await import("../../services/lightly/tags/find-tag.ts");
  const saved = { datasetId: idOf(context.checkpoint, "datasetId"), tagId: idOf(context.checkpoint, "tagId") };
  if (saved.datasetId !== undefined && saved.tagId !== undefined) {
    // A resumed step continues with its tag, even if there is a newer one.
    const tag = await findTag({ client, datasetId: saved.datasetId, tag: saved.tagId, signal });
    return { datasetId: saved.datasetId, tag };
  }
  const { datasetId, tag: wanted } = await inputs.read(fields, "datasetId", "tag");
  const named = nameOf(wanted);
  if (named !== undefined) {
    return { datasetId, tag: await findTag({ client, datasetId, tag: named, signal }) };
  }
  const { workerRunTag } = await import("../../services/lightly/tags/worker-run-tag.ts");
  const workerRunId = workerRunIdIn(msg.lightly);
  const tag = workerRunId === undefined ? undefined : await workerRunTag({ client, datasetId, workerRunId, signal });
  if (tag === undefined) {
    const run =
      workerRunId === undefined
        ? "and the message has no Lightly run"
        : `and the Lightly run ${workerRunId} has created none`;
    throw new PipelineError(
      "LIGHTLY_TAG_NOT_FOUND",
      `There is no tag, ${run}. Enter one, or connect the node to the first output of a lightly run node.`,
      { details: { datasetId } },
    );
  }
  return { datasetId, tag };
}

function nameOf(value: unknown): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  const { tagId, name } = Object(value) as { tagId?: unknown; name?: unknown };
  const named = typeof value === "string" ? value.trim() : (tagId ?? name);
  if (typeof named !== "string" || named === "") {
    throw new PipelineError(
      "INPUT_INVALID",
      '"tag" must be the name or id of a tag, or the tag that lightly run has put on the message.',
      {
        details: { field: "tag" },
      },
    );
  }
  return named;
}

function workerRunIdIn(lightly: unknown): string | undefined {
  const { workerRunId } = Object(lightly) as { workerRunId?: unknown };
  return typeof workerRunId === "string" && workerRunId !== "" ? workerRunId : undefined;
}
