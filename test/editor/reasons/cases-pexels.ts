import { account, type CasesOfType, connection, missing, number, retries } from "./cases.ts";

const fromList = { when: { pick: "popular" } };

/** The entries of the Pexels nodes. */
export const PEXELS: Readonly<Record<string, CasesOfType>> = {
  "lightly-pexels-account": {
    base: {},
    cases: [{ property: "apiUrl", reason: "webAddress", bad: "api.pexels.com" }, ...connection],
  },
  "lightly-pexels-download": {
    base: { account: "pexels", query: "street", videoId: "1", minDurationSeconds: "5" },
    cases: [
      ...account(),
      missing("query", { when: { pick: "search" } }),
      missing("videoId", { when: { pick: "id" } }),
      { property: "videoId", reason: "wholeMin", bad: "1.5", values: { min: 1 }, when: { pick: "id" } },
      { property: "page", reason: "wholeMin", bad: "0", values: { min: 1 }, ...fromList },
      { property: "seed", reason: "invalid-prop", bad: "a b", as: "msg", ...fromList },
      { property: "minDurationSeconds", reason: "numberMin", bad: "-1", values: { min: 0 }, alone: true },
      { property: "maxDurationSeconds", reason: "numberMin", bad: "4", values: { min: 5 }, ...fromList },
      missing("count", fromList),
      { property: "count", reason: "wholeRange", bad: "1.5", values: { min: 1, max: 1000 }, ...fromList },
      missing("maxWidth"),
      { property: "maxWidth", reason: "wholeMin", bad: "0.5", values: { min: 1 } },
      { property: "folder", reason: "invalid-prop", bad: "a b", as: "flow", when: { output: "file" } },
      ...number("maxSizeMib", 1, 1048576, { when: { output: "file" } }),
      ...number("timeoutMinutes", 0.1, 10080, { when: { output: "file" } }),
      ...retries,
    ],
  },
};
