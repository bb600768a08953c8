import { breakable } from "./breakable.ts";

/** A status line with icon and text. */
export function line(icon: string, text: string): JQuery {
  return $("<div>", { class: "lightly-aws-line" }).append(
    ...(icon === "" ? [] : [$("<i>", { class: `lightly-aws-icon fa ${icon}`, "aria-hidden": "true" })]),
    $("<span>").append(...breakable(text)),
  );
}
