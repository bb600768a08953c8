import type { Field, Fields } from "../src/fields/field.ts";

const FIELDS = /^( *)<!-- fields -->\n/m;

/** A node's texts in one language, for {@link withFields}. */
export interface FieldTexts {
  /** Looks up a key of the catalog. */
  readonly text: (key: string) => string | undefined;
  readonly type: string;
  readonly fields: Fields;
}

/**
 * Replaces the line `<!-- fields -->` in a node's help by the list of its fields: the label and the values of each, and the text under
 * `help` of the catalog or its hint.
 */
export function withFields(html: string, { text, type, fields }: FieldTexts): string {
  return html.replace(FIELDS, (_line, indent: string) => {
    const lines = Object.entries(fields).flatMap(([name, field]) => {
      const label = text(field.label ?? `${type}.label.${name}`);
      const about = text(`${type}.help.${name}`) ?? text(`lightly-aws.help.${name}`) ?? hintOf(field, name, type, text);
      const isOptional = !field.required && field.kind !== "choice" && field.kind !== "flag";
      const term = `<dt${isOptional ? ' class="optional"' : ""}>${label} <span class="property-type">${typeOf(field)}</span></dt>`;
      return about === undefined ? [term] : [term, `<dd>${about}</dd>`];
    });
    return lines.map((line) => `${indent}${line}\n`).join("");
  });
}

function hintOf({ hint }: Field, name: string, type: string, text: FieldTexts["text"]): string | undefined {
  return hint === true ? text(`${type}.hint.${name}`) : undefined;
}

const TYPES: Readonly<Record<Field["kind"], string>> = {
  text: "string",
  list: "array | string",
  number: "number",
  json: "object",
  any: "any",
  choice: "choice",
  flag: "boolean",
  pairs: "array",
  account: "account",
  secret: "string",
};

function typeOf({ kind, limits: { min, max } = {}, isPercent }: Field): string {
  if (kind !== "number" || isPercent || min === undefined) {
    return TYPES[kind];
  }
  return max === undefined ? `${TYPES[kind]} &ge; ${min}` : `${TYPES[kind]} ${min} &ndash; ${max}`;
}
