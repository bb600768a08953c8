/** Whether a field is a typed input. */
export function isTyped(field: JQuery): boolean {
  return field.hasClass("red-ui-typedInput") || field.next().hasClass("red-ui-typedInput-container");
}

/** Sets the value of a field, as if the user had entered it. */
export function setValue(field: JQuery, value: string): void {
  if (isTyped(field)) {
    field.typedInput("value", value);
  } else {
    field.val(value).trigger("change");
  }
}

/** Returns the visible element of a field: a typed input hides its original element. */
export function shownField(field: JQuery): JQuery {
  const typed = field.closest(".form-row").find(".red-ui-typedInput-input").first();
  return isTyped(field) && typed.length > 0 ? typed : field;
}
