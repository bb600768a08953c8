import { explainConfig, sentenceOf, type Translate } from "./explain.ts";
import { parseConfig } from "./parse-config.ts";
import { listViewOf } from "./views.ts";

/** What is wrong with the JSON of a selection, and what of it no list can show, in sentences. */
export function explainJson(text: string, translate: Translate): readonly string[] {
  if (text.trim() === "") {
    return [];
  }
  const parsed = parseConfig(text);
  if ("fault" in parsed) {
    return [sentenceOf({ reason: parsed.fault }, translate)];
  }
  const sentences = explainConfig(parsed.config).map((problem) => sentenceOf(problem, translate));
  const list = listViewOf(parsed.config);
  if ("hidden" in list) {
    sentences.push(translate("lightly-run.builder.hidden", { paths: list.hidden.join(", ") }));
  }
  return sentences;
}
