import { choice, string } from "../http/body-schema.ts";

/** Of a dataset or a worker. */
export const resourceName = string({
  min: 3,
  pattern: /^[a-zA-Z0-9][a-zA-Z0-9 _-]+$/,
  form: "a name of letters, digits, spaces, _ and - that starts with a letter or digit",
});

export const tagName = string({ min: 3, pattern: /^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$/ });
export const taskName = string({ pattern: /^[a-zA-Z0-9_+=,.@:/-]*$/ });
export const creator = choice("UNKNOWN", "USER_WEBAPP", "USER_PIP", "USER_PIP_LIGHTLY_MAGIC", "USER_WORKER");
export const imageType = choice("full", "thumbnail", "meta");
