import type { LookUp } from "../fields/look-up.ts";
import { accountInForm } from "./account-in-form.ts";
import { type AccountInEditor, lookUp, lookUpWith, type RefusalTexts } from "./ask-runtime.ts";
import { Choices, type Offer } from "./choices.ts";
import { currentValue, input } from "./open-form.ts";

interface Offers {
  readonly items: readonly Offer[];
  readonly more: boolean;
  readonly note?: string;
}

type Text = (key: string, values?: Record<string, unknown>) => string;

/** Adds a button next to a field that opens a list below it. The user can still type any value. */
export function offerLookUp(node: EditorNode, property: string, options: LookUp): void {
  const field = input(property);
  const row = field.closest(".form-row");
  const text: Text = (key, values) => node._(`lightly-aws.lookup.${key}`, values);
  const title = text(`choose.${options.what}`);
  const panel = $("<div>", { class: "lightly-aws-panel" }).hide();
  const button = $("<button>", {
    type: "button",
    class: "red-ui-button lightly-aws-lookup",
    title,
    "aria-label": title,
  })
    .attr("aria-expanded", "false")
    .append($("<i>", { class: "fa fa-search", "aria-hidden": "true" }));
  row.append(button, panel);

  const close = (focus: JQuery): void => {
    panel.hide().empty();
    button.attr("aria-expanded", "false");
    focus.trigger("focus");
  };
  const choose = (value: string): void => {
    const before = String(field.val() ?? "");
    setValue(field, options.several ? toggled(before, value) : (options.fill?.(value, before) ?? value));
    if (options.nested) {
      void show();
    } else if (!options.several) {
      close(shownField(field));
    }
  };
  const show = async (): Promise<void> => {
    button.attr("aria-expanded", "true");
    const choices = new Choices(panel.show(), {
      title,
      text,
      several: options.several === true,
      chosen: () => parts(String(field.val() ?? ""), options),
      choose,
      close: () => close(button),
    });
    try {
      const { items, more, note } = await offers(node, options, text);
      const above = options.nested ? folderAbove(String(field.val() ?? "")) : undefined;
      choices.show(items, {
        more,
        note,
        ...(above !== undefined && { first: { value: above, name: text("up"), details: [] } }),
      });
    } catch (error) {
      choices.fail(error instanceof Error ? error.message : String(error));
    }
  };
  button.on("click", () => {
    if (button.attr("aria-expanded") === "true") {
      close(button);
    } else {
      void show();
    }
  });
  if (isTyped(field)) {
    const follow = (): void => {
      const isText = field.typedInput("type") === "str";
      button.toggle(isText);
      if (!isText) {
        panel.hide().empty();
        button.attr("aria-expanded", "false");
      }
    };
    field.on("change", follow);
    follow();
  }
}

/** Asks for the values of a field. Without a response, those that are known anyway are offered. */
async function offers(node: EditorNode, options: LookUp, text: Text): Promise<Offers> {
  try {
    return await askedOffers(node, options, text);
  } catch (error) {
    if (options.known === undefined) {
      throw error;
    }
    const items = options.known.map((value) => ({ value, details: [] }));
    return { items, more: false, note: error instanceof Error ? error.message : String(error) };
  }
}

async function askedOffers(
  node: EditorNode,
  { what, account, query, needs = "account" }: LookUp,
  text: Text,
): Promise<Offers> {
  const asked = query ? query((property) => currentValue(node, property)) : {};
  if (asked === undefined) {
    throw new Error(text(needs));
  }
  const texts: RefusalTexts = { forbidden: text("forbidden"), unreachable: text("unreachable") };
  if (typeof account === "object" && "form" in account) {
    return (await lookUpWith(withoutFields(accountInForm(node), account.form.without), what, asked, texts)) as Offers;
  }
  const accounts = accountsFor(account);
  if (accounts.length === 0) {
    throw new Error(text(typeof account === "string" ? "account" : "anyAccount"));
  }
  const answers = await Promise.allSettled(accounts.map((one) => lookUp(one, what, asked, texts)));
  const all = answers.flatMap((one) => (one.status === "fulfilled" ? [one.value as Offers] : []));
  const refusal: unknown = answers.find((one) => one.status === "rejected")?.reason;
  if (all.length === 0) {
    throw refusal;
  }
  // The failure of one account must not hide the values of the others.
  const note =
    all.find((one) => one.note !== undefined)?.note ?? (refusal instanceof Error ? refusal.message : undefined);
  return {
    items: eachOnce(all.flatMap((one) => one.items)),
    more: all.some((one) => one.more),
    note,
  };
}

/** Removes duplicates: two accounts may have access to the same resource. */
function eachOnce(items: readonly Offer[]): Offer[] {
  const seen = new Set<string>();
  return items.filter(({ value }) => !seen.has(value) && seen.add(value));
}

function withoutFields(account: AccountInEditor, names: readonly string[]): AccountInEditor {
  return { ...account, values: { ...account.values, ...Object.fromEntries(names.map((name) => [name, ""])) } };
}

function accountsFor(account: string | { readonly anyOf: string }): EditorNode[] {
  if (typeof account === "string") {
    const chosen = RED.nodes.node(String(input(account).val() ?? ""));
    return chosen ? [chosen] : [];
  }
  const found: EditorNode[] = [];
  RED.nodes.eachConfig((config) => {
    if (config.type === account.anyOf && config.d !== true) {
      found.push(config);
    }
    return true;
  });
  return found;
}

function parts(text: string, { several, fill }: LookUp): readonly string[] {
  if (several) {
    return list(text);
  }
  return fill ? [] : [text.trim().replace(/(?<!\/)\/+$/, "")];
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Returns the parent of a folder; empty for the bucket itself. */
function folderAbove(text: string): string | undefined {
  const folder = text.trim().replace(/(?<!\/)\/+$/, "");
  return folder === "" ? undefined : folder.slice(0, Math.max(folder.lastIndexOf("/"), 0));
}

function toggled(text: string, value: string): string {
  const before = list(text);
  return (before.includes(value) ? before.filter((one) => one !== value) : [...before, value]).join(", ");
}

function isTyped(field: JQuery): boolean {
  return field.hasClass("red-ui-typedInput") || field.next().hasClass("red-ui-typedInput-container");
}

/** Fills a field in, as if the user had. */
export function setValue(field: JQuery, value: string): void {
  if (isTyped(field)) {
    field.typedInput("value", value);
  } else {
    field.val(value).trigger("change");
  }
}

/** Returns the visible element of a field: a typed input hides its original element. */
function shownField(field: JQuery): JQuery {
  const typed = field.closest(".form-row").find(".red-ui-typedInput-input").first();
  return isTyped(field) && typed.length > 0 ? typed : field;
}
