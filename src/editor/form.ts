import type { Field, Fields, Literal } from "../fields/field.ts";
import { JSON_BELOW, type JsonField, type JsonFieldOptions, openJsonField } from "./json-field.ts";
import { offerLookUp } from "./lookup.ts";
import { currentValue, input, markClosed, markOpen } from "./open-form.ts";
import { type PairListOptions, readPairs, showPairs } from "./pair-list.ts";
import { fractionAsPercent, percentAsFraction } from "./percent.ts";
import { followReasons } from "./reasons.ts";
import { followChoices, openAdvancedIfUsed } from "./visibility.ts";

/** Where a value may come from when it is not typed in. */
const ELSEWHERE = ["msg", "flow", "global", "env", "jsonata"] as const;

/** What a form has beside what its fields say. */
export interface FormParts {
  /** The typed inputs whose JSON has an editor below. */
  readonly editors?: Readonly<Record<string, JsonFieldOptions>>;
}

interface Opened {
  readonly lists: readonly (readonly [string, PairListOptions])[];
  readonly percentages: readonly string[];
  readonly editors: readonly JsonField[];
}

// A bundle serves one node type, and of one type one form at most is open.
let opened: Opened | undefined;

/** Opens the form of `node`; to be called in `oneditprepare`. */
export function openForm(node: EditorNode, fields: Fields, parts: FormParts = {}): void {
  markOpen(node);
  const prefix = node._def.category === "config" ? "node-config-input-" : "node-input-";
  const form = input("name").closest(".lightly-aws-form");
  // Else the icon's character is a part of the field's name.
  form.find("label > i").attr("aria-hidden", "true");
  fillDefaults(node);
  for (const property of [...Object.keys(node._def.defaults), ...Object.keys(node._def.credentials ?? {})]) {
    nameByLabel(property);
  }
  const entries = Object.entries(fields);
  for (const [property, field] of entries) {
    openField(node, property, field);
  }
  const lists = entries.flatMap(([property, { pairs }]) =>
    pairs ? [[property, openPairs(node, property, pairs.key)] as const] : [],
  );
  const editors = Object.entries(parts.editors ?? {}).map(([property, editor]) =>
    openJsonField(property, node[property], editor),
  );
  const percentages = entries.filter(([, { isPercent }]) => isPercent).map(([property]) => property);
  opened = { lists, percentages, editors };
  for (const [property, { lookUp }] of entries) {
    if (lookUp) {
      offerLookUp(node, property, lookUp);
    }
  }
  followChoices(node, form);
  followReasons(node, form, (property) => currentValue(node, property));
  openAdvancedIfUsed(node, form, prefix);
}

function openField(node: EditorNode, property: string, field: Field): void {
  const { kind, typed, suggest, isPercent } = field;
  if (typed) {
    showTypedInput(property, typed.literal, suggest);
    nameShown(node, property);
  } else if (kind === "json") {
    input(property).typedInput({ types: ["json"] });
    nameShown(node, property);
  } else if (suggest) {
    input(property).autoComplete({ search: suggest, minLength: 0 });
  }
  if (isPercent) {
    input(property).val(fractionAsPercent(String(input(property).val())));
  }
}

function openPairs(node: EditorNode, property: string, key: PairListOptions["key"]): PairListOptions {
  const options = { key, keyText: node._(`lightly-aws.pair.${key}`), valueText: node._("lightly-aws.pair.value") };
  nameByLabel(`${property}-list`);
  showPairs(property, node[property], options, node._("lightly-aws.removeRow"));
  return options;
}

/** Takes over what is not in an input of its own, and closes the form; to be called in `oneditsave`. */
export function saveForm(node: EditorNode): void {
  for (const [property, list] of opened?.lists ?? []) {
    node[property] = readPairs(property, list);
  }
  for (const property of opened?.percentages ?? []) {
    input(property).val(percentAsFraction(String(input(property).val())));
  }
  for (const editor of opened?.editors ?? []) {
    editor.save();
  }
  closeForm();
}

/** Leaves the node as it was; to be called in `oneditcancel`. */
export function closeForm(): void {
  for (const editor of opened?.editors ?? []) {
    editor.close();
  }
  opened = undefined;
  markClosed();
}

/** A node of an older release lacks the properties that came later: its form starts with what it does without them. */
function fillDefaults(node: EditorNode): void {
  for (const [property, { value: fallback, whenAbsent: value = fallback }] of Object.entries(node._def.defaults)) {
    const element = input(property);
    if (node[property] !== undefined || element.length === 0) {
      continue;
    }
    if (element.attr("type") === "checkbox") {
      element.prop("checked", value === true);
    } else {
      element.val(String(value));
    }
  }
}

function showTypedInput(property: string, literal: Literal, suggest: Field["suggest"]): void {
  const first = literal === "json-below" ? JSON_BELOW : suggest ? textWith(suggest) : literal;
  input(property).typedInput({
    types: [first, ...ELSEWHERE],
    default: literal === "json-below" ? "json" : literal,
    typeField: input(`${property}Type`),
  });
}

// Node-RED 5 hands the name of the hidden element on to the one that it shows, 4.1 does not; and neither names the button that opens an
// editor for the value.
function nameShown(node: EditorNode, property: string): void {
  const element = input(property);
  const shown = element.next(".red-ui-typedInput-container");
  shown.find(".red-ui-typedInput-input").attr("aria-labelledby", element.attr("aria-labelledby") ?? null);
  shown.find(".red-ui-typedInput-option-expand").attr("aria-label", node._("lightly-aws.expand"));
}

function textWith(suggest: (typed: string) => readonly string[]) {
  return {
    value: "str",
    label: "string",
    icon: "red/images/typedInput/az.svg",
    autoComplete: (typed: string) => suggest(typed).map((value) => ({ value, label: value })),
  };
}

// A typed input hides the element that its label belongs to. Any other keeps the name of its label by this: Node-RED 5 gives an input
// that was refused the reason for a name, and leaves it there.
function nameByLabel(property: string): void {
  const element = input(property);
  const label = $(`label[for="${element.attr("id")}"]`);
  if (label.length > 0) {
    const id = `${element.attr("id")}-label`;
    label.attr("id", id);
    element.attr("aria-labelledby", id);
  }
}
