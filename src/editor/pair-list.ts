import { keptRows, nameRemoval } from "./list-rows.ts";
import { input, readThrough } from "./open-form.ts";

/** How a list of pairs looks. */
export interface PairListOptions {
  /** The name of the first half: tags have a `key`, variables a `name`. */
  readonly key: "key" | "name";
  /** What stands in the empty fields, also for who can't see them. */
  readonly keyText: string;
  readonly valueText: string;
}

type Pair = Readonly<Record<string, string>>;

/** Turns `<ol id="node-input-<property>-list">` into an editable list of pairs. */
export function showPairs(property: string, pairs: unknown, options: PairListOptions, removeText: string): void {
  const list = input(`${property}-list`);
  // The form looks at its reasons when something in it has changed.
  const tell = (): void => {
    list.trigger("change");
  };
  list.editableList<Pair>({
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (row, _index, pair) => {
      addPair(row, pair, options);
      nameRemoval(row, removeText);
      tell();
    },
    removeItem: tell,
  });
  list.editableList("addItems", Array.isArray(pairs) ? pairs : []);
  readThrough(property, () => readPairs(property, options));
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

/** What the list holds now; rows that are blank on both sides are left out. */
export function readPairs(property: string, { key }: Pick<PairListOptions, "key">): Pair[] {
  return keptRows(input(`${property}-list`))
    .map((row) => ({ [key]: half(row, key).trim(), value: half(row, "value") }))
    .filter((pair) => pair[key] !== "" || pair.value !== "");
}

function half(row: JQuery, name: string): string {
  return String(row.find(`[data-half=${name}]`).val() ?? "");
}
