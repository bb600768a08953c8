import type { Field } from "../../../fields/field.ts";
import type { instanceFields } from "../../../fields/instances.ts";
import type { InstanceSelector } from "../../../services/ec2/instance-selector.ts";
import type { Inputs } from "../inputs/inputs.ts";

/**
 * Reads the instances of a form, by ids or by tags.
 *
 * @throws PipelineError `INPUT_INVALID`, `VARIABLE_UNDEFINED` or `EC2_INSTANCE_INVALID`
 */
export async function readInstanceSelector(
  inputs: Inputs,
  fields: Omit<typeof instanceFields, "select"> & { readonly select: Field<string, undefined> },
): Promise<InstanceSelector> {
  if ((await inputs.read(fields, "select")).select === "tags") {
    return await inputs.read(fields, "tags");
  }
  const { parseInstanceIds } = await import("../../../services/ec2/instance-selector.ts");
  const { instanceIds } = await inputs.read(fields, "instanceIds");
  return { ids: parseInstanceIds(instanceIds) };
}
