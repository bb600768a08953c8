import { input } from "./open-form.ts";

/** The elements of a property. The reason must be shown on a visible one, which is not always the element with the value. */
interface FieldElements {
  /** The input that Node-RED reads, or the list. */
  readonly holder: JQuery;
  /** The visible element. Absent if it is the holder, on which Node-RED itself shows the reason. */
  readonly shown?: JQuery;
  /** The element that has the focus while the user types. */
  readonly control: JQuery;
}

interface Field {
  readonly property: string;
  readonly definition: NodePropertyDefinition | NodeCredentialDefinition;
  readonly description: JQuery;
}

/**
 * Shows the reason why a field is not valid on its visible element. Node-RED marks inputs, and shows the reason in a tooltip of the input.
 * But a typed input hides that input, and a list has none. A screen reader gets the reason as the description of the field.
 *
 * @param current - returns the current value of a property without an input
 */
export function followReasons(node: EditorNode, form: JQuery, current: (property: string) => unknown): void {
  const { defaults, credentials = {} } = node._def;
  const fields = Object.entries({ ...defaults, ...credentials }).map(([property, definition]): Field => {
    const id = `${input(node, "name").attr("id")}-reason-${property}`;
    return { property, definition, description: $("<span>", { id, hidden: true }).appendTo(form) };
  });
  const update = (): void => {
    for (const field of fields) {
      const place = elementsOf(node, field.property);
      if (place !== undefined) {
        show(field, place, reasonOf(node, field, current));
      }
    }
  };
  // Node-RED's listeners are on the inputs themselves, so they run before this one.
  form.on("change keyup paste", update);
  update();
}

function elementsOf(node: EditorNode, property: string): FieldElements | undefined {
  const holder = input(node, property);
  if (holder.length > 0) {
    const shown = holder.next(".red-ui-typedInput-container");
    return shown.length === 0
      ? { holder, control: holder }
      : { holder, shown, control: shown.find(".red-ui-typedInput-input") };
  }
  const list = input(node, `${property}-list`);
  const shown = list.closest(".red-ui-editableList-container");
  return shown.length === 0 ? undefined : { holder: list, shown, control: list };
}

function reasonOf(
  node: EditorNode,
  { property, definition }: Field,
  current: (property: string) => unknown,
): string | undefined {
  const { label = "" } = definition;
  const value = current(property);
  if ("required" in definition && definition.required && (value === "" || value === "_ADD_")) {
    return RED._("validator.errors.missing-required-prop", { prop: label });
  }
  const verdict = definition.validate?.call(node, value, { label }) ?? true;
  return verdict === true ? undefined : verdict;
}

function show({ description }: Field, { holder, shown, control }: FieldElements, reason: string | undefined): void {
  const isList = holder.is("ol");
  description.text(reason ?? "");
  if (shown !== undefined) {
    shown.toggleClass("input-error", reason !== undefined);
    showTooltip(holder, shown, reason === undefined ? undefined : description);
  }
  control.attr("aria-describedby", reason === undefined ? null : (description.attr("id") ?? null));
  if (!isList) {
    control.attr("aria-invalid", reason === undefined ? null : "true");
  }
}

const ours = new WeakSet<EditorTooltip>();

/** Stores the tooltip where Node-RED expects it, so that it creates no other one, and removes this one when the value is valid. */
function showTooltip(holder: JQuery, shown: JQuery, description: JQuery | undefined): void {
  const before = holder.data("tooltip") as EditorTooltip | null | undefined;
  if (description === undefined) {
    before?.delete();
    holder.data("tooltip", null);
  } else if (!before || !ours.has(before)) {
    before?.delete();
    // An element, because a text would become the accessible name of the first button in the visible element.
    const tooltip = RED.popover.tooltip(shown, () => $("<span>").text(description.text()));
    tooltip.setContent = () => {};
    ours.add(tooltip);
    holder.data("tooltip", tooltip);
  }
}
