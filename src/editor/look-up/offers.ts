import type { LookUp } from "../../fields/look-up.ts";
import { currentValue, input } from "../open-form.ts";
import { accountInForm } from "./account-in-form.ts";
import { type AccountInEditor, lookUp, lookUpWith, type RefusalTexts } from "./ask-runtime.ts";
import type { Offer } from "./choices.ts";

/** The values that a look-up has found. */
export interface Offers {
  readonly items: readonly Offer[];
  readonly more: boolean;
  readonly note?: string;
}

/** Looks a text up under `lightly-aws.lookup`. */
export type LookUpText = (key: string, values?: Record<string, unknown>) => string;

/**
 * Asks for the values of a field. Without a response, those that are known anyway are offered.
 *
 * @throws Error with a text for the user
 */
export async function findOffers(node: EditorNode, options: LookUp, text: LookUpText): Promise<Offers> {
  try {
    return await askForOffers(node, options, text);
  } catch (error) {
    if (options.known === undefined) {
      throw error;
    }
    const items = options.known.map((value) => ({ value, details: [] }));
    return { items, more: false, note: error instanceof Error ? error.message : String(error) };
  }
}

async function askForOffers(
  node: EditorNode,
  { what, account, query, needs = "account" }: LookUp,
  text: LookUpText,
): Promise<Offers> {
  const asked = query ? query((property) => currentValue(node, property)) : {};
  if (asked === undefined) {
    throw new Error(text(needs));
  }
  const texts: RefusalTexts = { forbidden: text("forbidden"), unreachable: text("unreachable") };
  if (typeof account === "object" && "form" in account) {
    return (await lookUpWith(withoutFields(accountInForm(node), account.form.without), what, asked, texts)) as Offers;
  }
  const accounts = accountsFor(node, account);
  if (accounts.length === 0) {
    throw new Error(text(typeof account === "string" ? "account" : "anyAccount"));
  }
  const responses = await Promise.allSettled(accounts.map((one) => lookUp(one, what, asked, texts)));
  const all = responses.flatMap((one) => (one.status === "fulfilled" ? [one.value as Offers] : []));
  const refusal: unknown = responses.find((one) => one.status === "rejected")?.reason;
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

function accountsFor(node: EditorNode, account: string | { readonly anyOf: string }): EditorNode[] {
  if (typeof account === "string") {
    const chosen = RED.nodes.node(String(input(node, account).val() ?? ""));
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
