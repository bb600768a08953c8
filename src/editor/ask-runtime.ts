/** An account as it stands in the editor, deployed or not. */
export interface AccountInEditor {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Absent when the editor has not fetched them: then the stored ones count. */
  readonly credentials?: Readonly<Record<string, unknown>>;
}

/** What stands in a form for a secret that the editor does not know. */
export const KEPT_SECRET = "__PWRD__";

/** Why the runtime half refused, in words for the user. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** An account as it was last left, which may not be deployed yet. */
export function accountInEditor(account: EditorNode): AccountInEditor {
  const { credentials } = account as { credentials?: Record<string, unknown> };
  const { defaults, credentials: declared = {} } = account._def;
  const known = Object.keys(declared).map((name) => [
    name,
    credentials?.[name] ?? (credentials?.[`has_${name}`] ? KEPT_SECRET : ""),
  ]);
  return {
    id: account.id,
    type: account.type,
    name: String(account.name ?? ""),
    values: Object.fromEntries(Object.keys(defaults).map((name) => [name, account[name]])),
    ...(credentials && { credentials: Object.fromEntries(known) }),
  };
}

/** Looks something up with an account: as it is deployed, or, if it was changed since then, as it stands in the editor. */
export async function lookUp(
  account: EditorNode,
  what: string,
  query: Readonly<Record<string, string>>,
  texts: RefusalTexts,
): Promise<unknown> {
  const url = `lightly-aws/lookups/${what}`;
  if (account.changed !== true) {
    try {
      return await ask(texts, { url, method: "GET", data: { ...query, account: account.id } });
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "ACCOUNT_MISSING")) {
        throw error;
      }
    }
  }
  return await post(url, { account: accountInEditor(account), query }, texts);
}

/** What to say where the runtime half says nothing. */
export interface RefusalTexts {
  /** The user has no right to ask. */
  readonly forbidden: string;
  /** Nobody answers. */
  readonly unreachable: string;
}

/** Sends JSON to the runtime half. */
export function post(url: string, body: object, texts: RefusalTexts): Promise<unknown> {
  return ask(texts, { url, method: "POST", contentType: "application/json", data: JSON.stringify(body) });
}

// By jQuery, whose relative requests Node-RED gives its address and the user's authorization.
async function ask(texts: RefusalTexts, settings: JQuery.AjaxSettings): Promise<unknown> {
  try {
    return await $.ajax({ ...settings, dataType: "json" });
  } catch (thrown) {
    const { status, responseJSON } = thrown as JQuery.jqXHR;
    const { code = "", message } = Object(responseJSON) as { code?: string; message?: string };
    throw new Refusal(code, message ?? (status === 401 || status === 403 ? texts.forbidden : texts.unreachable));
  }
}
