import { PipelineError } from "../../../errors/pipeline-error.ts";

/**
 * Checks a dataset name: at least three characters; the first one is a letter or digit, the others may also be a space, `_` or `-`.
 *
 * @throws PipelineError `LIGHTLY_DATASET_NAME_INVALID` that says which character is wrong
 */
export function checkDatasetName(name: string): string {
  const fault = findFault(name);
  if (fault !== undefined) {
    throw new PipelineError(
      "LIGHTLY_DATASET_NAME_INVALID",
      `The dataset name ${JSON.stringify(name)} ${fault}. It must have three or more letters, digits, spaces, "_" or "-", and start with a letter or digit.`,
      { details: { name } },
    );
  }
  return name;
}

function findFault(name: string): string | undefined {
  const characters = [...name];
  const wrong = characters.findIndex((character, at) => !(at === 0 ? /[a-zA-Z0-9]/ : /[a-zA-Z0-9 _-]/).test(character));
  if (wrong >= 0) {
    return `has ${JSON.stringify(characters[wrong])} as character ${wrong + 1}`;
  }
  return characters.length < 3
    ? `has only ${characters.length} character${characters.length === 1 ? "" : "s"}`
    : undefined;
}
