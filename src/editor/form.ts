import type { Field, Fields, Literal } from "../fields/field.ts";
import { offerGenerate } from "./fields/generate-id.ts";
import { JSON_BELOW, type JsonField, type JsonFieldOptions, openJsonField } from "./fields/json-field.ts";
import { type PairListOptions, readPairs, showPairs } from "./fields/pair-list.ts";
import { fractionAsPercent, percentAsFraction } from "./fields/percent.ts";
import { offerLookUp } from "./look-up/lookup.ts";
import { currentValue, input, inputPrefix, markClosed, markOpen } from "./open-form.ts";
import { followReasons } from "./reasons.ts";
import { followChoices, openAdvancedIfUsed } from "./visibility.ts";
import { followWarnings } from "./warnings.ts";

/** The types of a typed input whose values are known at run time only. */
const DYNAMIC_TYPES = ["msg", "flow", "global", "env", "jsonata"] as const;

/** The parts of a form that are not generated from its fields. */
export interface FormParts {
  /** The typed inputs with a JSON editor below. */
  readonly editors?: Readonly<Record<string, JsonFieldOptions>>;
}

interface Opened {
  readonly lists: readonly (readonly [string, PairListOptions])[];
  readonly percentages: readonly string[];
  readonly editors: readonly JsonField[];
}

/** The open forms by the id of their node. */
const openForms = new Map<string, Opened>();

/** Opens the form of `node`. Call it in `oneditprepare`. */
export function openForm(node: EditorNode, fields: Fields, parts: FormParts = {}): void {
  markOpen(node);
  const form = input(node, "name").closest(".lightly-aws-form");
  // Otherwise the icon's character is part of the field's accessible name.
  form.find("label > i").attr("aria-hidden", "true");
  fillDefaults(node);
  for (const property of [...Object.keys(node._def.defaults), ...Object.keys(node._def.credentials ?? {})]) {
    nameByLabel(node, property);
  }
  const entries = Object.entries(fields);
  for (const [property, field] of entries) {
    openField(node, property, field);
  }
  const lists = entries.flatMap(([property, { pairs }]) =>
    pairs ? [[property, openPairs(node, property, pairs.key)] as const] : [],
  );
  const editors = Object.entries(parts.editors ?? {}).map(([property, editor]) =>
    openJsonField(node, property, editor),
  );
  const percentages = entries.filter(([, { isPercent }]) => isPercent).map(([property]) => property);
  openForms.set(node.id, { lists, percentages, editors });
  for (const [property, { lookUp, generated }] of entries) {
    if (lookUp) {
      offerLookUp(node, property, lookUp);
    }
    if (generated) {
      offerGenerate(node, property);
    }
  }
  followChoices(node, form);
  followReasons(node, form, (property) => currentValue(node, property));
  followWarnings(node, form, fields);
  openAdvancedIfUsed(node, form, inputPrefix(node));
}

function openField(node: EditorNode, property: string, field: Field): void {
  const { kind, typed, suggest, isPercent, required } = field;
  if (kind === "account" && required) {
    chooseOnlyAccount(node, property);
  }
  if (typed) {
    showTypedInput(node, property, typed.literal, suggest);
    nameShown(node, property);
  } else if (kind === "json") {
    input(node, property).typedInput({ types: ["json"] });
    nameShown(node, property);
  } else if (suggest) {
    input(node, property).autoComplete({ search: suggest, minLength: 0 });
  }
  if (isPercent) {
    const element = input(node, property);
    element.val(fractionAsPercent(String(element.val())));
  }
}

/** A new node takes the only account there is. A deleted account stays a fault that the user sees. */
function chooseOnlyAccount(node: EditorNode, property: string): void {
  const select = input(node, property);
  const accounts = select.children("option").filter((_, { value }) => value !== "" && value !== "_ADD_");
  if (!node[property] && accounts.length === 1) {
    select.val(String(accounts.val())).trigger("change");
  }
}

function openPairs(node: EditorNode, property: string, key: PairListOptions["key"]): PairListOptions {
  const options = { key, keyText: node._(`lightly-aws.pair.${key}`), valueText: node._("lightly-aws.pair.value") };
  nameByLabel(node, `${property}-list`);
  showPairs(node, property, options, node._("lightly-aws.removeRow"));
  return options;
}

/** Saves the values that are not in an input of Node-RED, and closes the form. Call it in `oneditsave`. */
export function saveForm(node: EditorNode): void {
  const opened = openForms.get(node.id);
  for (const [property, list] of opened?.lists ?? []) {
    node[property] = readPairs(node, property, list);
  }
  for (const property of opened?.percentages ?? []) {
    const element = input(node, property);
    element.val(percentAsFraction(String(element.val())));
  }
  for (const editor of opened?.editors ?? []) {
    editor.save();
  }
  closeForm(node);
}

/** Closes the form without saving. Call it in `oneditcancel`. */
export function closeForm(node: EditorNode): void {
  for (const editor of openForms.get(node.id)?.editors ?? []) {
    editor.close();
  }
  openForms.delete(node.id);
  markClosed(node);
}

/** A node of an older release has no newer properties. Its form starts with the values that the runtime uses without them. */
function fillDefaults(node: EditorNode): void {
  for (const [property, { value: fallback, whenAbsent: value = fallback }] of Object.entries(node._def.defaults)) {
    const element = input(node, property);
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

function showTypedInput(node: EditorNode, property: string, literal: Literal, suggest: Field["suggest"]): void {
  const first = literal === "json-below" ? JSON_BELOW : suggest ? textWith(suggest) : literal;
  input(node, property).typedInput({
    types: [first, ...DYNAMIC_TYPES],
    default: literal === "json-below" ? "json" : literal,
    typeField: input(node, `${property}Type`),
  });
}

// Node-RED 5 copies the accessible name of the hidden element to the one that it shows, 4.1 does not. Neither names the button that opens
// an editor for the value.
function nameShown(node: EditorNode, property: string): void {
  const element = input(node, property);
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

// A typed input hides the element of its label. Other inputs need this too, because Node-RED 5 makes the reason of an invalid input its
// accessible name, and does not restore it.
function nameByLabel(node: EditorNode, property: string): void {
  const element = input(node, property);
  const label = $(`label[for="${element.attr("id")}"]`);
  if (label.length > 0) {
    const id = `${element.attr("id")}-label`;
    label.attr("id", id);
    element.attr("aria-labelledby", id);
  }
}
