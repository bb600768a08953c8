import { PipelineError } from "../../errors/pipeline-error.ts";
import type { EditedInputs } from "../../runs/run-commands.ts";

/**
 * Reads the edited messages from the body of a rerun: `{ inputs: { "1": { payload: ... } } }`. Without any, the messages are not changed.
 *
 * @throws PipelineError `INPUT_INVALID`
 */
export function editedInputs(body: unknown): EditedInputs {
  const { inputs = {} } = Object(body) as { inputs?: unknown };
  if (!isObject(inputs) || !Object.values(inputs).every(isObject)) {
    const text =
      'The messages of a rerun must be objects: { "inputs": { "1": { "payload": 1 } } }, by the number of their step.';
    throw new PipelineError("INPUT_INVALID", text, { details: { field: "inputs" } });
  }
  return inputs as EditedInputs;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
