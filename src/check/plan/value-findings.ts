import { ownEntry } from "../../errors/own-entry.ts";
import { isWithinFolder } from "../../fields/rules/s3.ts";
import { NODE_FIELDS } from "../../nodes/shared/configuration/node-fields.ts";
import { type Finding, problem, type Result, unchecked, warning } from "../finding.ts";
import { type FlowNode, labelOf } from "../flow-node.ts";
import { staticValue } from "../static-value.ts";
import { textOf } from "./step-values.ts";

/** Fields that name a resource: if a message names it, it can't be checked before. */
const RESOURCES = [
  "bucket",
  "instanceIds",
  "script",
  "datasetName",
  "inputUri",
  "lightlyUri",
  "output",
  "datasetUri",
  "queue",
  "definition",
];

/** The values of a node that are not valid, or known only when a message arrives. */
export function valueFindings(node: FlowNode): Finding[] {
  const fields = ownEntry(NODE_FIELDS, node.type) ?? {};
  const results = Object.keys(fields).flatMap((name): Result[] => {
    const value = staticValue(node, fields, name);
    if ("fault" in value) {
      return [{ ...problem(labelOf(node), value.fault.message), code: value.fault.code }];
    }
    // Instances that an earlier step of the flow has put on the message are those of that step.
    return "later" in value && RESOURCES.includes(name) && value.later !== "msg.ec2.instanceIds"
      ? [unchecked(labelOf(node), `"${name}" is known when a message arrives (${value.later}).`)]
      : [];
  });
  return [...results, ...outputInInput(node)].map((one): Finding => ({ check: "values", ...one }));
}

/** What Lightly writes would be input of the next run. */
function outputInInput(node: FlowNode): Result[] {
  const [input = "", output = ""] = ["inputUri", "lightlyUri"].map((name) => textOf(node, name));
  const text = `The Lightly folder ${output} is in the input folder ${input}: what Lightly writes there may become input of the next run. Use another folder for Lightly.`;
  return isWithinFolder(output, input) ? [warning(labelOf(node), text)] : [];
}
