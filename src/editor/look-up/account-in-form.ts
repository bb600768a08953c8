import { STORED_SECRET } from "../../fields/stored-secret.ts";
import { currentValue, input } from "../open-form.ts";
import { type AccountInEditor, accountInEditor } from "./ask-runtime.ts";

/** Returns the account with the values of its open form. */
export function accountInForm(node: EditorNode): AccountInEditor {
  const known = accountInEditor(node);
  const names = Object.keys(node._def.credentials ?? {});
  const typed = names.map((name) => {
    const value = input(node, name).val();
    // A secret that was entered before and is not deployed yet looks like a stored one.
    return [name, value === STORED_SECRET ? (known.credentials?.[name] ?? STORED_SECRET) : value];
  });
  return {
    ...known,
    name: String(currentValue(node, "name") ?? ""),
    values: Object.fromEntries(Object.keys(node._def.defaults).map((name) => [name, currentValue(node, name)])),
    credentials: Object.fromEntries(typed),
  };
}
