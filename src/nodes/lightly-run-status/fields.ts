import { text } from "../../fields/kinds.ts";

export const fields = {
  runId: text({ icon: "hashtag", value: "runId", typed: "str", from: "msg", required: true }),
};
