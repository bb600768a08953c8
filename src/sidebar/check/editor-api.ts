import type { FlowReport } from "../../check/check-flow.ts";
import { editor } from "../host/editor.ts";

/** The parts of the Node-RED editor's API that only the check uses. */
interface CheckEditor {
  readonly workspaces: { active(): string };
  readonly nodes: {
    dirty(): boolean;
    workspace(id: string): { readonly label?: string } | null | undefined;
    subflow(id: string): { readonly name?: string } | null | undefined;
    node(id: string): object | null | undefined;
  };
  readonly view: { reveal(id: string): void };
}

declare const RED: unknown;

export const checkEditor = RED as CheckEditor;

/** A text of the check in the catalog of the Runs panel. */
export function text(key: string, values?: Readonly<Record<string, unknown>>): string {
  return editor._(`node-red-contrib-lightly-aws/lightly-aws:check.${key}`, values);
}

/** The label of a field in the form of its node. */
export function fieldLabel(type: string, field: string): string {
  return editor._(`node-red-contrib-lightly-aws/${type}:${type}.label.${field}`);
}

/** The open flow or subflow. */
export function openFlow(): { readonly id: string; readonly name: string } {
  const id = checkEditor.workspaces.active();
  const { nodes } = checkEditor;
  return { id, name: nodes.workspace(id)?.label ?? nodes.subflow(id)?.name ?? "" };
}

/** Has the runtime check a flow. @throws Error with the reason in the user's language, or in English from the runtime */
export function requestCheck(flowId: string): Promise<FlowReport> {
  const url = `lightly-aws/check?flow=${encodeURIComponent(flowId)}`;
  return new Promise((done, failed) => {
    // With jQuery, because the editor has configured its base URL and access token.
    $.ajax({ method: "GET", url, dataType: "json", headers: { Accept: "application/json" } }).then(
      (report: FlowReport) => done(report),
      ({ status, statusText, responseJSON = {} }: JQuery.jqXHR) => {
        const { message } = responseJSON as { message?: string };
        const known = status === 0 ? text("noConnection") : status === 401 ? text("forbidden") : undefined;
        failed(new Error(known ?? message ?? `${status} ${statusText}`));
      },
    );
  });
}
