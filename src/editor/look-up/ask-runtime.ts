import { STORED_SECRET } from "../../fields/stored-secret.ts";

/** An account with its values in the editor, deployed or not. */
export interface AccountInEditor {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Absent if the editor has not fetched them. Then the stored ones are used. */
  readonly credentials?: Readonly<Record<string, unknown>>;
}

/** An error of the runtime, with a message for the user. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Returns an account with its current values, which may not be deployed yet. */
export function accountInEditor(account: EditorNode): AccountInEditor {
  const { credentials } = account as { credentials?: Record<string, unknown> };
  const { defaults, credentials: declared = {} } = account._def;
  const known = Object.keys(declared).map((name) => [
    name,
    credentials?.[name] ?? (credentials?.[`has_${name}`] ? STORED_SECRET : ""),
  ]);
  return {
    id: account.id,
    type: account.type,
    name: String(account.name ?? ""),
    values: Object.fromEntries(Object.keys(defaults).map((name) => [name, account[name]])),
    ...(credentials && { credentials: Object.fromEntries(known) }),
  };
}

/** Looks something up with an account: the deployed one or, if it was changed since then, the one in the editor. */
export async function lookUp(
  account: EditorNode,
  what: string,
  query: Readonly<Record<string, string>>,
  texts: RefusalTexts,
): Promise<unknown> {
  if (account.changed !== true) {
    try {
      return await ask(texts, {
        url: `lightly-aws/lookups/${what}`,
        method: "GET",
        data: { ...query, account: account.id },
      });
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "ACCOUNT_MISSING")) {
        throw error;
      }
    }
  }
  return await lookUpWith(accountInEditor(account), what, query, texts);
}

/** Looks something up with an account as it is in the editor. */
export function lookUpWith(
  account: AccountInEditor,
  what: string,
  query: Readonly<Record<string, string>>,
  texts: RefusalTexts,
): Promise<unknown> {
  return post(`lightly-aws/lookups/${what}`, { account, query }, texts);
}

/** The messages for errors without a message from the runtime. */
export interface RefusalTexts {
  /** The user has no permission. */
  readonly forbidden: string;
  /** There is no response. */
  readonly unreachable: string;
}

/** Sends JSON to the runtime. */
export function post(url: string, body: object, texts: RefusalTexts): Promise<unknown> {
  return ask(texts, { url, method: "POST", contentType: "application/json", data: JSON.stringify(body) });
}

// With jQuery, because Node-RED adds its base URL and the user's access token to jQuery's relative requests.
async function ask(texts: RefusalTexts, settings: JQuery.AjaxSettings): Promise<unknown> {
  try {
    return await $.ajax({ ...settings, dataType: "json" });
  } catch (thrown) {
    const { status, responseJSON } = thrown as JQuery.jqXHR;
    const { code = "", message } = Object(responseJSON) as { code?: string; message?: string };
    throw new Refusal(code, message ?? (status === 401 || status === 403 ? texts.forbidden : texts.unreachable));
  }
}
