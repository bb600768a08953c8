import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Conditions, Field, Fields } from "../src/fields/field.ts";

/** A node, for {@link formHtml}. */
export interface FormHtmlOptions {
  readonly type: string;
  readonly fields: Fields;
  readonly isConfig: boolean;
  /** Keys under `tip` of the catalog, for the texts at the end of the form. */
  readonly tips: readonly string[];
  /** Folders with `<field>.html` that replace the row of a field: of the node, and of all nodes. */
  readonly rowFolders: readonly string[];
}

/** Generates a node's form from its table of fields. */
export async function formHtml({ type, fields, isConfig, tips, rowFolders }: FormHtmlOptions): Promise<string> {
  const prefix = isConfig ? "node-config-input-" : "node-input-";
  const rows = await Promise.all(
    Object.entries(fields).map(async ([name, field]) => ({
      field,
      lines: await linesOf({ type, prefix, name, field, rowFolders }),
    })),
  );
  const linesWhere = (advanced: boolean): string[] =>
    rows.filter(({ field }) => (field.advanced ?? false) === advanced).flatMap(({ lines }) => lines);
  const advanced = linesWhere(true);
  const lines = [
    ...row({
      label: `<label for="${prefix}name"><i class="fa fa-tag"></i> <span data-i18n="node-red:common.label.name"></span></label>`,
      control: [`<input type="text" id="${prefix}name" data-i18n="[placeholder]node-red:common.label.name">`],
    }),
    ...linesWhere(false),
    ...(advanced.length === 0
      ? []
      : [
          `<details class="lightly-aws-advanced">`,
          ...indented([`<summary data-i18n="lightly-aws.advanced"></summary>`, ...advanced]),
          `</details>`,
        ]),
    ...tips.map((tip) => `<div class="form-tips" data-i18n="[html]${type}.tip.${tip}"></div>`),
  ];
  return [
    `<script type="text/html" data-template-name="${type}">`,
    `<div class="lightly-aws-form">`,
    ...indented(lines),
    `</div>`,
    `</script>`,
    "",
  ].join("\n");
}

interface RowOptions {
  readonly type: string;
  readonly prefix: string;
  readonly name: string;
  readonly field: Field;
  readonly rowFolders: readonly string[];
}

async function linesOf(options: RowOptions): Promise<string[]> {
  const { type, name, field, rowFolders } = options;
  const heading = field.heading
    ? [`<div class="lightly-aws-heading"${shownWhen(field.when)} data-i18n="${type}.heading.${field.heading}"></div>`]
    : [];
  const custom = await firstFile(rowFolders.map((folder) => join(folder, `${name}.html`)));
  const own = field.inRowOf ? [] : custom === undefined ? fieldRow(options) : custom.trimEnd().split("\n");
  const next =
    field.followedBy && (await firstFile(rowFolders.map((folder) => join(folder, `${field.followedBy}.html`))));
  return [...heading, ...own, ...hintsOf(type, name, field), ...(next ? next.trimEnd().split("\n") : [])];
}

function fieldRow({ type, prefix, name, field }: RowOptions): string[] {
  const { kind, icon = "circle-o", label = `${type}.label.${name}`, when } = field;
  const id = `${prefix}${name}`;
  if (kind === "flag") {
    return row({
      when,
      label: `<input type="checkbox" id="${id}">`,
      control: [`<label class="lightly-aws-checked" for="${id}" data-i18n="${label}"></label>`],
    });
  }
  const isPairs = kind === "pairs";
  return row({
    when,
    isTop: isPairs,
    label: `<label for="${isPairs ? `${id}-list` : id}"><i class="fa fa-${icon}"></i> <span data-i18n="${label}"></span></label>`,
    control: isPairs ? [`<div>`, `    <ol id="${id}-list"></ol>`, `</div>`] : controlOf(type, id, name, field),
  });
}

function controlOf(type: string, id: string, name: string, field: Field): string[] {
  const { kind, typed, choices, secretType = "text", isWhole } = field;
  if (kind === "choice") {
    const options = Object.entries(choices ?? {}).map(([value, key]) =>
      key === null
        ? `    <option value="${value}">${value}</option>`
        : `    <option value="${value}" data-i18n="${type}.option.${key}"></option>`,
    );
    return [`<select id="${id}">`, ...options, `</select>`];
  }
  const isReplaced = typed !== undefined || kind === "account" || kind === "json";
  const attributes = [
    kind === "secret" ? `type="${secretType}"` : `type="text"`,
    ...(kind === "number" && !typed ? [`inputmode="${isWhole ? "numeric" : "decimal"}"`] : []),
    `id="${id}"`,
    ...(isReplaced ? [`style="width: 70%"`] : []),
    ...placeholderOf(type, name, field),
  ];
  return [`<input ${attributes.join(" ")}>`, ...(typed ? [`<input type="hidden" id="${id}Type">`] : [])];
}

function placeholderOf(type: string, name: string, { kind, placeholder, value, isPercent }: Field): string[] {
  if (placeholder === true) {
    return [`data-i18n="[placeholder]${type}.placeholder.${name}"`];
  }
  const usual = kind === "number" && value !== "" ? String(isPercent ? Number(value) * 100 : value) : undefined;
  const shown = placeholder ?? usual;
  return shown === undefined ? [] : [`placeholder="${shown.replaceAll('"', "&quot;")}"`];
}

function hintsOf(type: string, name: string, { hint = [], when }: Field): string[] {
  return (hint === true ? [{ key: name, when: undefined }] : hint).map(
    ({ key, when: more }) =>
      `<div class="lightly-aws-hint"${shownWhen({ ...when, ...more })} data-i18n="[html]${type}.hint.${key}"></div>`,
  );
}

function row(options: { when?: Conditions; isTop?: boolean; label: string; control: readonly string[] }): string[] {
  const classes = `form-row${options.isTop ? " lightly-aws-top" : ""}`;
  return [
    `<div class="${classes}"${shownWhen(options.when)}>`,
    ...indented([options.label, ...options.control]),
    `</div>`,
  ];
}

function shownWhen(when: Conditions = {}): string {
  const conditions = Object.entries(when).map(([property, values]) => `${property}=${values.join(",")}`);
  return conditions.length === 0 ? "" : ` data-when="${conditions.join("&amp;")}"`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) {
      return text;
    }
  }
  return undefined;
}
