import { line } from "../line.ts";
import { input } from "../open-form.ts";
import { accountInForm } from "./account-in-form.ts";
import { type AccountInEditor, post } from "./ask-runtime.ts";

/** The runtime's report about an account. */
type AccountReport =
  | {
      readonly kind: "aws";
      readonly identity?: { readonly arn: string };
      readonly allowed: readonly string[];
      readonly refused: ReadonlyArray<{ readonly message: string }>;
    }
  | { readonly kind: "lightly"; readonly server: string; readonly datasets: number; readonly more: boolean }
  | { readonly kind: "pexels"; readonly limit?: number; readonly remaining?: number };

const GOOD = "fa-check-circle";
const BAD = "fa-times-circle";

/** Adds a button to an account's form that tests the account with its current values, and shows the result. */
export function offerTest(node: EditorNode): void {
  const text = (key: string, values?: Record<string, unknown>): string => node._(`lightly-aws.test.${key}`, values);
  const form = input(node, "name").closest(".lightly-aws-form");
  const button = $("<button>", { type: "button", class: "red-ui-button lightly-aws-test" }).append(
    $("<i>", { class: "fa fa-plug", "aria-hidden": "true" }),
    document.createTextNode(` ${text("button")}`),
  );
  const status = $("<div>", { class: "lightly-aws-status", role: "status" });
  form
    .children(".form-tips")
    .first()
    .before($("<div>", { class: "lightly-aws-tried" }).append(button, status));
  // An older response may arrive after a newer one.
  let last = 0;
  button.on("click", async () => {
    last += 1;
    const own = last;
    button.prop("disabled", true);
    status.empty().append(line("fa-spinner fa-pulse", text("busy")));
    const lines = await tryAccount(accountInForm(node), text);
    if (own === last) {
      button.prop("disabled", false);
      status.empty().append(lines);
    }
  });
}

async function tryAccount(
  account: AccountInEditor,
  text: (key: string, values?: Record<string, unknown>) => string,
): Promise<JQuery[]> {
  try {
    const texts = { forbidden: text("forbidden"), unreachable: text("unreachable") };
    return describeReport((await post("lightly-aws/connection-test", { account }, texts)) as AccountReport, text);
  } catch (error) {
    return [line(BAD, error instanceof Error ? error.message : String(error))];
  }
}

function describeReport(
  report: AccountReport,
  text: (key: string, values?: Record<string, unknown>) => string,
): JQuery[] {
  switch (report.kind) {
    case "aws": {
      const { identity, allowed, refused } = report;
      return [
        identity ? line(GOOD, text("identity", { arn: identity.arn })) : line(GOOD, text("noIdentity")),
        ...(allowed.length > 0 ? [line(GOOD, text("allowed", { actions: allowed.join(", ") }))] : []),
        ...refused.map(({ message }) => line("fa-exclamation-triangle", message)),
      ];
    }
    case "lightly":
      return [
        line(GOOD, text(report.more ? "manyDatasets" : "datasets", { count: report.datasets, server: report.server })),
      ];
    case "pexels":
      return [
        line(
          GOOD,
          report.remaining === undefined
            ? text("key")
            : text("quota", { remaining: report.remaining, limit: report.limit ?? "?" }),
        ),
      ];
  }
}
