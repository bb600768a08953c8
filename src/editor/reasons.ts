import { input } from "./open-form.ts";

/** Where what is wrong with a property is shown: on what the user sees of it, which is not always the element that holds its value. */
interface Place {
  /** What Node-RED takes the value from, or the list. */
  readonly holder: JQuery;
  /** What the user sees; absent where that is the holder itself, on which Node-RED shows the reason. */
  readonly shown?: JQuery;
  /** What has the focus while the value is typed in. */
  readonly control: JQuery;
}

interface Field {
  readonly property: string;
  readonly definition: NodePropertyDefinition | NodeCredentialDefinition;
  readonly description: JQuery;
}

/**
 * Shows each reason why a field is refused where it is seen. Node-RED marks inputs, and puts the reason into a tooltip of the input;
 * but a typed input hides that one, and a list has none. A screen reader is told by a description of the field.
 *
 * @param current - what a property is now, for those that have no input of their own
 */
export function followReasons(node: EditorNode, form: JQuery, current: (property: string) => unknown): void {
  const { defaults, credentials = {} } = node._def;
  const fields = Object.entries({ ...defaults, ...credentials }).map(([property, definition]): Field => {
    const id = `${input("name").attr("id")}-reason-${property}`;
    return { property, definition, description: $("<span>", { id, hidden: true }).appendTo(form) };
  });
  const update = (): void => {
    for (const field of fields) {
      const place = placeOf(field.property);
      if (place !== undefined) {
        show(field, place, reasonOf(node, field, current));
      }
    }
  };
  // Node-RED listens at the inputs themselves, and so comes first.
  form.on("change keyup paste", update);
  update();
}

function placeOf(property: string): Place | undefined {
  const holder = input(property);
  if (holder.length > 0) {
    const shown = holder.next(".red-ui-typedInput-container");
    return shown.length === 0
      ? { holder, control: holder }
      : { holder, shown, control: shown.find(".red-ui-typedInput-input") };
  }
  const list = input(`${property}-list`);
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

function show({ description }: Field, { holder, shown, control }: Place, reason: string | undefined): void {
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

/** Keeps the tooltip where Node-RED looks for it, so that it makes none of its own and takes this one away when all is well. */
function showTooltip(holder: JQuery, shown: JQuery, description: JQuery | undefined): void {
  const before = holder.data("tooltip") as EditorTooltip | null | undefined;
  if (description === undefined) {
    before?.delete();
    holder.data("tooltip", null);
  } else if (!before || !ours.has(before)) {
    before?.delete();
    // As an element: a text would become the name of the first button in what is shown.
    const tooltip = RED.popover.tooltip(shown, () => $("<span>").text(description.text()));
    tooltip.setContent = () => {};
    ours.add(tooltip);
    holder.data("tooltip", tooltip);
  }
}
