import { PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import type { AwsAccountNode } from "../../lightly-aws-account/lightly-aws-account.ts";
import { nodesAfter, stepsReached } from "../flow/flow-graph.ts";
import type { Message, Node, NodeAPI } from "../node-red.ts";
import { triggerOf } from "../step/messages/triggers.ts";
import { accountsOfStep, originOf, type UnsetOfNode, unsetOf } from "./configured-nodes.ts";

/**
 * Refuses the first message of a run if a step that it may reach has no value for a required field: before anything is started or paid
 * for, and with all missing values at once. If only one value is missing, and it is one of this step, the step reports it itself.
 *
 * @throws PipelineError `FLOW_NOT_CONFIGURED`
 */
export async function refuseUnconfigured(red: NodeAPI, node: Node, msg: Message): Promise<void> {
  const trigger = triggerOf(red, msg);
  const source = trigger?.kind === "node" ? (red.nodes.getNode(trigger.nodeId) as Node | null | undefined) : undefined;
  const steps = new Set([node.id, ...stepsReached(red, source ? nodesAfter(source) : [node.id])]);
  const unset = distinct([
    ...[...steps].flatMap((id) => unsetOf(id)),
    ...(await accountsWithoutRegion(steps)).map((account) => ({
      node: account,
      field: "region",
      variable: "AWS_REGION",
    })),
  ]);
  const [only, ...others] = unset;
  const own = new Set([node.id, ...accountsOfStep(node.id).map((account) => account.node.id)]);
  if (only !== undefined && (others.length > 0 || !own.has(only.node.id))) {
    throw notConfigured(red, unset);
  }
}

/** The AWS accounts of steps for which neither form, environment, profile nor machine has a region. */
async function accountsWithoutRegion(steps: ReadonlySet<string>): Promise<Node<object>[]> {
  const accounts = [...steps]
    .flatMap(accountsOfStep)
    .filter(({ node }) => node.type === "lightly-aws-account")
    .map(({ node }) => node as AwsAccountNode);
  const found = await Promise.all([...new Set(accounts)].map(async (one) => ((await hasRegion(one)) ? [] : one)));
  return found.flat();
}

async function hasRegion(account: AwsAccountNode): Promise<boolean> {
  try {
    await (await account.clients()).stsAddress();
    return true;
  } catch (error) {
    // Everything else is the error of the step that uses the account.
    return toPipelineError(error).code !== "AWS_REGION_MISSING";
  }
}

function notConfigured(red: NodeAPI, unset: readonly UnsetOfNode[]): PipelineError {
  const named = unset.map((one) => withOrigin(red, one));
  const variables = [...new Set(named.flatMap(({ variable }) => variable ?? []))];
  const blank = named.filter(({ variable }) => variable === undefined);
  const number = variables.length + blank.length;
  const parts = [
    ...(variables.length > 0 ? [`Environment variables that are not set: ${variables.join(", ")}.`] : []),
    ...(blank.length > 0
      ? [`Fields without a value: ${blank.map(({ node, field }) => `"${field}" of ${nameOf(node)}`).join(", ")}.`]
      : []),
  ];
  return new PipelineError(
    "FLOW_NOT_CONFIGURED",
    `The flow is not configured, so nothing was started: ${number === 1 ? "one value is" : `${number} values are`} missing. ${parts.join(" ")} Set variables in the environment of Node-RED or in the properties of the flow. "Check this flow" in the Runs panel shows what else is missing.`,
    {
      details: {
        unset: named.map(({ node, field, variable }) => ({
          nodeId: node.id,
          node: nameOf(node),
          field,
          ...(variable !== undefined && { variable }),
        })),
      },
    },
  );
}

/** Names the variables that a user has to set, instead of those of the flow that take their values. */
function withOrigin(red: NodeAPI, unset: UnsetOfNode): UnsetOfNode {
  const { variable, node } = unset;
  return variable === undefined ? unset : { ...unset, variable: originOf(red, node, variable).name };
}

/** Two steps may have the same account. */
function distinct(unset: readonly UnsetOfNode[]): UnsetOfNode[] {
  const keys = new Map(unset.map((one) => [`${one.node.id} ${one.field} ${one.variable}`, one]));
  return [...keys.values()];
}

function nameOf({ name, type }: Pick<Node, "name" | "type">): string {
  return name || type;
}
