import { explainConfig, sentenceOf, type Translate } from "./explain.ts";
import { parseConfig } from "./parse-config.ts";
import type { Refusals } from "./refusals.ts";
import { listViewOf } from "./views.ts";

/** Explains the problems in the JSON of a selection, and which parts of it a list can't show. */
export function explainJson(text: string, translate: Translate, refusals?: Refusals): readonly string[] {
  if (text.trim() === "") {
    return [];
  }
  const parsed = parseConfig(text);
  if ("fault" in parsed) {
    return [sentenceOf({ reason: parsed.fault }, translate)];
  }
  const sentences = explainConfig(parsed.config, refusals).map((problem) => sentenceOf(problem, translate));
  const list = listViewOf(parsed.config);
  if ("hidden" in list) {
    sentences.push(translate("lightly-aws.selection.builder.hidden", { paths: list.hidden.join(", ") }));
  }
  return sentences;
}
