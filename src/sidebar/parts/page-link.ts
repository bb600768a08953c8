import { text } from "../host/host.ts";
import { element, icon } from "./dom.ts";
import { type PageTarget, pageAddress } from "./page-address.ts";

/** A button that opens the full page, in the same tab for all clicks. */
export function pageLink(target: PageTarget): HTMLAnchorElement {
  return element(
    "a",
    {
      class: "red-ui-button lightly-runs-open",
      target: "lightly-runs",
      href: pageAddress(target),
      title: text("page.open"),
      "aria-label": text("page.open"),
    },
    icon("external-link"),
  );
}
