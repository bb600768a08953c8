import { workerScript } from "../services/ssm/worker-script.ts";
import { growWithContent } from "./fields/grow-with-content.ts";
import { readPairs } from "./fields/pair-list.ts";
import { line } from "./line.ts";
import { currentValue, input } from "./open-form.ts";

/** About 24 lines. */
const MAX_PX = 440;

/** Shows the script that will run on the instance below the fields, with a button to copy it. The runtime uses the same code. */
export function showWorkerPreview(node: EditorNode): void {
  const form = input(node, "name").closest(".lightly-aws-form");
  const preview = $<HTMLTextAreaElement>("#lightly-aws-preview");
  const fault = $("#lightly-aws-preview-fault");
  const copy = $("<button>", { type: "button", class: "red-ui-button", text: node._("lightly-aws.copy") });
  fault.after(copy);
  const grow = preview[0] ? growWithContent(preview[0], MAX_PX) : () => {};
  const update = (): void => {
    try {
      preview.val(workerScript(call(node)).join("\n"));
      fault.empty();
    } catch (error) {
      preview.val("");
      fault.empty().append(line("fa-exclamation-triangle", error instanceof Error ? error.message : String(error)));
    }
    copy.prop("disabled", preview.val() === "");
    grow();
  };
  form.on("change input", update);
  copy.on("click", () => RED.clipboard.copyText(String(preview.val()), copy, "clipboard.copyMessageValue"));
  update();
}

function call(node: EditorNode): Parameters<typeof workerScript>[0] {
  const text = (property: string): string => String(currentValue(node, property) ?? "").trim();
  const gpus = text("gpus");
  return {
    image: text("image") || "lightly/worker:latest",
    gpus: gpus === "all" || gpus === "none" ? gpus : { ids: text("gpuIds") },
    sharedMemoryMib: Number(text("sharedMemoryMib") || 1024),
    workerId: shown(text("workerIdType"), text("workerId")),
    token: {
      from: text("tokenFrom") === "secret" ? "secret" : "parameter",
      name: shown(text("tokenNameType"), text("tokenName")),
    },
    dockerArguments: text("dockerArguments"),
    args: args(text("argsType"), text("args")),
    environment: Object.fromEntries(
      readPairs(node, "environment", { key: "name" }).map(({ name = "", value = "" }) => [name, value]),
    ),
  };
}

/** A value that is known at run time only is shown as its source. */
function shown(type: string, text: string): string {
  return type === "str" || text === "" ? text : `${type}.${text}`;
}

function args(type: string, text: string): string[] {
  if (type !== "json") {
    return text === "" ? [] : [shown(type, text)];
  }
  try {
    const parsed: unknown = JSON.parse(text || "[]");
    return Array.isArray(parsed) ? parsed.map(String) : [];
  } catch {
    return [];
  }
}
