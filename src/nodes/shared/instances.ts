import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import { pairs } from "./form-values.ts";
import type { Inputs } from "./inputs.ts";
import type { StepDef } from "./node-red.ts";

/**
 * The instances that a form names, by ids or by tags.
 *
 * @throws PipelineError `INPUT_INVALID`, `VARIABLE_UNDEFINED` or `EC2_INSTANCE_INVALID`
 */
export async function instanceSelector(inputs: Inputs, def: StepDef): Promise<InstanceSelector> {
  const { parseInstanceIds } = await import("../../services/ec2/instance-selector.ts");
  if ((await inputs.choice("select", ["ids", "tags"])) === "tags") {
    return { tags: pairs(def.tags, "tags") };
  }
  return { ids: parseInstanceIds(await inputs.required("instanceIds")) };
}
