import { editor } from "./editor.ts";
import { type Host, text } from "./host.ts";
import { RequestError } from "./request-error.ts";

/** The editor of Node-RED. */
export const editorHost: Host = {
  get language() {
    return editor.i18n.lang();
  },
  text: (key, values) => editor._(`node-red-contrib-lightly-aws/lightly-aws:${key}`, values),
  // The admin API accepts only JSON, as a protection against cross-site request forgery.
  request: (method, path, body = {}) =>
    send(method, path, {
      dataType: "json",
      headers: { Accept: "application/json" },
      ...(method !== "GET" && { contentType: "application/json", data: JSON.stringify(body) }),
    }),
  file: (path) => send("GET", path, { xhrFields: { responseType: "blob" } }),
  canWrite: () => editor.user.hasPermission("lightly-aws-runs.write"),
  node: (nodeId) => {
    const node = editor.nodes.node(nodeId);
    if (!node) {
      return undefined;
    }
    const { z = "", account } = node;
    return {
      label: editor.utils.getNodeLabel(node, ""),
      flow: editor.nodes.workspace(z)?.label ?? editor.nodes.subflow(z)?.name ?? "",
      ...(typeof account === "string" && { account }),
    };
  },
  showNode: (nodeId) => {
    editor.view.reveal(nodeId);
    editor.view.select(nodeId);
  },
  address: (path) => `${editor.settings.apiRootUrl ?? ""}${path}`,
};

/** Uses jQuery because the editor has configured its base URL and access token. */
function send<T>(method: string, url: string, settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((done, failed) => {
    $.ajax({ method, url, ...settings }).then(
      (response: T) => done(response),
      ({ status, statusText, responseJSON = {} }: JQuery.jqXHR) => {
        // Without a response, jQuery's text is only "error".
        const fallback = status === 0 ? text("noConnection") : `${status} ${statusText}`;
        const { code = `HTTP_${status}`, message = fallback } = responseJSON as { code?: string; message?: string };
        failed(new RequestError(code, message));
      },
    );
  });
}
