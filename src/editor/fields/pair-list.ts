import { input, readThrough } from "../open-form.ts";
import { currentRows, nameRemoval } from "./list-rows.ts";

/** The options of a list of pairs. */
export interface PairListOptions {
  /** The property with the key of a row: tags have a `key`, variables a `name`. */
  readonly key: "key" | "name";
  /** The placeholders of the fields, which are also their accessible names. */
  readonly keyText: string;
  readonly valueText: string;
}

type Pair = Readonly<Record<string, string>>;

/** Makes `<ol id="node-input-<property>-list">` an editable list of pairs. */
export function showPairs(node: EditorNode, property: string, options: PairListOptions, removeText: string): void {
  const { [property]: pairs } = node;
  const list = input(node, `${property}-list`);
  // The form updates its reasons on each change event.
  const notifyChange = (): void => {
    list.trigger("change");
  };
  list.editableList<Pair>({
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (row, _index, pair) => {
      addPair(row, pair, options);
      nameRemoval(row, removeText);
      notifyChange();
    },
    removeItem: notifyChange,
  });
  list.editableList("addItems", Array.isArray(pairs) ? pairs : []);
  readThrough(node, property, () => readPairs(node, property, options));
}

function addPair(row: JQuery, pair: Pair, { key, keyText, valueText }: PairListOptions): void {
  row.addClass("lightly-aws-pair");
  for (const [half, text] of [
    [key, keyText],
    ["value", valueText],
  ] as const) {
    $("<input>", { type: "text", placeholder: text, "aria-label": text })
      .attr("data-half", half)
      .val(pair[half] ?? "")
      .appendTo(row);
  }
}

/** Returns the rows of the list, except rows with two blank fields. */
export function readPairs(node: EditorNode, property: string, { key }: Pick<PairListOptions, "key">): Pair[] {
  return currentRows(input(node, `${property}-list`))
    .map((row) => ({ [key]: half(row, key).trim(), value: half(row, "value") }))
    .filter((pair) => pair[key] !== "" || pair.value !== "");
}

function half(row: JQuery, name: string): string {
  return String(row.find(`[data-half=${name}]`).val() ?? "");
}
