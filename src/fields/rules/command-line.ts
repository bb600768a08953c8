import { splitWords } from "../split-words.ts";
import { matching, type TextRule } from "./rule.ts";

/** The name of a Docker image: no spaces, and no leading hyphen, with which it would be an option. */
export const dockerImage = matching(/^[a-zA-Z0-9][\w.\-/:@]*$/, "dockerImage", "SSM_REQUEST_INVALID");

/** Numbers or ids of GPUs, separated by commas. */
export const gpuIds = matching(/^[a-zA-Z0-9-]+(\s*,\s*[a-zA-Z0-9-]+)*$/, "gpuIds", "SSM_REQUEST_INVALID");

/** The name or ARN of a parameter or a secret: neither an option nor `file://`, which the AWS CLI would read. */
export const secretName = matching(/^[\w/](?!.*:\/\/)[\w/.:+=@-]*$/, "secretName", "SSM_REQUEST_INVALID");

/** The words of a shell command, with all quotes closed. */
export const shellWords: TextRule = (text) => {
  try {
    splitWords(text);
    return undefined;
  } catch {
    return { key: "openQuote", code: "SSM_REQUEST_INVALID" };
  }
};

/** A working directory for the SSM agent. Systems Manager would replace `{{` by a stored parameter. */
export const absolutePath = matching(/^\/(?!.*\{\{)/s, "absolutePath", "SSM_REQUEST_INVALID");

/** The name of an environment variable. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The name of a CloudWatch log group. */
export const logGroupName = matching(/^[\w.\-/#]{1,512}$/, "logGroup", "SSM_REQUEST_INVALID");

/** A number of instances, or a percentage of them, as SSM accepts it. */
export const concurrency = matching(
  /^(?=.{1,7}$)(?:[1-9]\d*|[1-9]\d?%|100%)$/,
  "numberOrPercentage",
  "SSM_REQUEST_INVALID",
);

/** The same, and 0. */
export const errorLimit = matching(
  /^(?=.{1,7}$)(?:0%?|[1-9]\d*|[1-9]\d?%|100%)$/,
  "numberOrPercentage",
  "SSM_REQUEST_INVALID",
);

/** The interpreter of a Python environment. */
export const pythonPath = matching(/^(?=\/)(?!.*\{\{).*\/bin\/[^/]+$/s, "pythonPath", "SSM_REQUEST_INVALID");

/** A Python file: its path on the instance, or its URI. */
export const pythonFile = matching(/^(?:\/|s3:\/\/[^/]+\/).*\.py$/s, "pythonFile", "STUDIO_SPEC_INVALID");
