import type { FlowReport } from "../../check/check-flow.ts";
import type { Finding, FindingStatus } from "../../check/finding.ts";
import type { MissingValue } from "../../check/unset.ts";
import { element, icon } from "../parts/dom.ts";
import { checkEditor, fieldLabel, text } from "./editor-api.ts";
import { type FindingGroup, groupsOf } from "./groups.ts";

const ICONS: Readonly<Record<FindingStatus, string>> = {
  ok: "check-circle",
  warning: "exclamation-triangle",
  problem: "times-circle",
  unchecked: "question-circle-o",
};

/** A report as elements: the summary, what is missing, and the groups of findings. Groups with a problem or a warning are open. */
export function reportView(report: FlowReport): HTMLElement[] {
  const { missing, findings } = report;
  const count = (status: FindingStatus): number => findings.filter((one) => one.status === status).length;
  const counts = {
    problems: count("problem") + missing.length,
    warnings: count("warning"),
    unchecked: count("unchecked"),
  };
  const summary = element(
    "div",
    { class: "lightly-check-summary", "data-status": report.status },
    icon(ICONS[report.status]),
    " ",
    findings.length + missing.length === 0 ? text("nothing") : text(`summary.${report.status}`, counts),
  );
  return [summary, ...(missing.length > 0 ? [missingView(missing)] : []), ...groupsOf(findings).map(groupView)];
}

function missingView(missing: readonly MissingValue[]): HTMLElement {
  const list = element("ul");
  for (const { variable, neededBy } of missing) {
    const users = element("span", { class: "lightly-check-users" });
    for (const { nodeId, node, type, field } of neededBy) {
      users.append(users.childElementCount > 0 ? ", " : "", nodeLink(nodeId, node), ` (${fieldLabel(type, field)})`);
    }
    list.append(element("li", {}, element("code", {}, variable ?? text("blank")), users));
  }
  return element("section", { class: "lightly-check-missing" }, element("h3", {}, text("missing")), list);
}

/** The name of a node, as a button that shows it if it is in a flow of this editor. */
function nodeLink(nodeId: string, name: string): HTMLElement {
  if (!checkEditor.nodes.node(nodeId)) {
    return element("span", {}, name);
  }
  const link = element("button", { type: "button", class: "lightly-check-node", title: text("reveal") }, name);
  link.addEventListener("click", () => checkEditor.view.reveal(nodeId));
  return link;
}

function groupView({ key, status, findings }: FindingGroup): HTMLElement {
  const list = element("ul");
  list.append(...findings.map(findingView));
  const group = element(
    "details",
    { class: "lightly-check-group" },
    element("summary", {}, mark(status), element("span", {}, text(`group.${key}`))),
    list,
  );
  group.open = status === "problem" || status === "warning";
  return group;
}

function findingView({ check, status, resource, message }: Finding): HTMLElement {
  return element(
    "li",
    { class: "lightly-check-finding" },
    mark(status),
    element(
      "div",
      {},
      element("div", { class: "lightly-check-subject" }, `${text(`name.${check}`)} · ${resource}`),
      // Messages of the runtime are always English.
      element("div", { lang: "en" }, message),
    ),
  );
}

/** The status as an icon with a name for screen readers. */
function mark(status: FindingStatus): HTMLElement {
  const name = text(`status.${status}`);
  return element(
    "span",
    { class: "lightly-check-mark", "data-status": status, role: "img", "aria-label": name, title: name },
    icon(ICONS[status]),
  );
}
