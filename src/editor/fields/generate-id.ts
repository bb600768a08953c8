import { input } from "../open-form.ts";
import { setValue } from "./field-value.ts";

/** Too long to be guessed. */
const BYTES = 16;

/** Adds a button next to a field that fills in a random id of 32 hexadecimal digits. */
export function offerGenerate(node: EditorNode, property: string): void {
  const field = input(node, property);
  const title = node._("lightly-aws.generate");
  const button = $("<button>", {
    type: "button",
    class: "red-ui-button lightly-aws-lookup",
    title,
    "aria-label": title,
  });
  button.append($("<i>", { class: "fa fa-magic", "aria-hidden": "true" }));
  button.on("click", () => setValue(field, randomId()));
  field.closest(".form-row").append(button);
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
