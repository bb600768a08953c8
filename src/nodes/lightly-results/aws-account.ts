import { runs } from "../../runs/run-registry.ts";
import type { StudioRunLocation } from "../../services/studio/run-location.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { AwsNode } from "../shared/accounts/aws-node.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";

/**
 * Returns the AWS account of the form or, if it has none, that of the step which has made the selection. Only a selection of the same run
 * has such a step: a message alone can't use the account of another run.
 *
 * @throws PipelineError `ACCOUNT_MISSING`
 */
export function awsAccountFor(
  red: NodeAPI,
  def: StepDef,
  { runId, location }: { readonly runId: string; readonly location: StudioRunLocation },
): AwsAccountNode {
  const isChosen = typeof def.awsAccount === "string" && def.awsAccount !== "";
  const maker = isChosen ? undefined : makerOf(runId, location);
  // According to the published types, getNode never returns null, but it does.
  const node = maker === undefined ? undefined : (red.nodes.getNode(maker) as Partial<AwsNode> | null | undefined);
  return node?.awsAccount?.() ?? accountOf<AwsAccountNode>(red, def, "lightly-aws-account", "awsAccount");
}

/** The node that has made a selection in a run, from its record, which a message can't change. */
function makerOf(runId: string, { output, runId: studioRunId }: StudioRunLocation): string | undefined {
  return runs
    .find(runId)
    .steps.findLast(
      ({ role, checkpoint = {} }) =>
        role === "select" &&
        idOf(checkpoint, "studioRunId") === studioRunId &&
        idOf(checkpoint, "output")?.replace(/(?<!\/)\/+$/, "") === output,
    )?.nodeId;
}
