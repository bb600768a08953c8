import { faultOfJson } from "../../errors/json-fault.ts";
import { firstSteps, type RunRecord, type StepRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { reasonOf } from "../host/request-error.ts";
import { button, element, setText } from "../parts/dom.ts";
import { openModal } from "../parts/modal.ts";
import { fetchInput, rerunWith, type StepInput } from "../parts/requests/requests.ts";

/** A message of the trigger, and the steps that have received it. Branches that start together receive the same one. */
interface Editable {
  readonly numbers: readonly string[];
  readonly names: readonly string[];
  readonly omitted: readonly string[];
  readonly original: string;
}

/**
 * Opens a dialog that starts a run again with edited messages of its trigger.
 *
 * @param started - called with the new run
 * @throws RequestError if the messages can't be read
 */
export async function openRerunDialog(run: RunRecord, started: (run: RunRecord) => void): Promise<void> {
  const first = firstSteps(run.steps);
  const inputs = await Promise.all(first.map(async (step) => ({ step, input: await fetchInput(step.stepId) })));
  const fields = editables(inputs).map((editable) => ({ editable, area: areaOf(editable) }));
  const failure = element("div", { class: "lightly-runs-error", role: "alert" });
  failure.hidden = true;
  const start = button("play", text("rerun.start"), async () => {
    failure.hidden = true;
    start.disabled = true;
    try {
      const again = await rerunWith(run.runId, editedOf(fields));
      dialog.close();
      started(again);
    } catch (error) {
      failure.hidden = false;
      setText(failure, reasonOf(error));
    } finally {
      start.disabled = false;
    }
  });
  start.classList.add("primary");
  const cancel = button("undo", text("action.cancel"), () => dialog.close());
  const dialog = openModal(
    text("rerun.title"),
    "lightly-runs-rerun",
    element("p", {}, text("rerun.hint")),
    ...fields.flatMap(({ editable, area }) => fieldOf(editable, area)),
    failure,
    element("div", { class: "lightly-runs-buttons" }, start, cancel),
  );
}

/** Equal messages are edited once. */
function editables(inputs: readonly { readonly step: StepRecord; readonly input: StepInput }[]): Editable[] {
  const byMessage = Map.groupBy(inputs, ({ input: { message } }) => {
    // The new run gets an id of its own.
    const { _msgid: _id, ...members } = message ?? {};
    return JSON.stringify(members, null, 2);
  });
  return [...byMessage].map(([original, all]) => ({
    original,
    numbers: all.map(({ step }) => step.stepId.slice(step.stepId.lastIndexOf("/") + 1)),
    names: all.map(({ step }) => step.name),
    omitted: [...new Set(all.flatMap(({ input }) => input.omitted.map(({ path }) => path.join(".") || "…")))].filter(
      // The HTTP exchange of the old run is over.
      (name) => name !== "req" && name !== "res",
    ),
  }));
}

function areaOf({ original, numbers }: Editable): HTMLTextAreaElement {
  const area = element("textarea", {
    spellcheck: "false",
    rows: String(Math.min(18, original.split("\n").length + 1)),
  });
  area.id = `lightly-runs-rerun-${numbers[0]}`;
  area.value = original;
  return area;
}

function fieldOf({ names, omitted }: Editable, area: HTMLTextAreaElement): HTMLElement[] {
  const label = element("label", { for: area.id }, text("rerun.message", { steps: names.join(", ") }));
  const note = element("div", { class: "lightly-runs-faint" }, text("rerun.omitted", { names: omitted.join(", ") }));
  return [label, area, ...(omitted.length > 0 ? [note] : [])];
}

/** The changed messages, by the numbers of their steps. @throws Error for the user if one is not an object in JSON */
function editedOf(
  fields: readonly { readonly editable: Editable; readonly area: HTMLTextAreaElement }[],
): Record<string, object> {
  const changed = fields.filter(({ editable, area }) => area.value !== editable.original);
  return Object.fromEntries(
    changed.flatMap(({ editable: { numbers, names }, area: { value } }) => {
      const message = parse(value, names.join(", "));
      return numbers.map((number) => [number, message]);
    }),
  );
}

function parse(value: string, steps: string): object {
  let message: unknown;
  try {
    message = JSON.parse(value);
  } catch (error) {
    throw new Error(text("rerun.invalid", { steps, reason: faultOfJson(error) }));
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new Error(text("rerun.notObject", { steps }));
  }
  return message;
}
