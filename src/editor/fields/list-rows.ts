/** The rows of an editable list, without removed rows that are still fading out. */
export function currentRows(list: JQuery): JQuery[] {
  const rows = list.editableList("items").toArray();
  return rows.map((row) => $(row)).filter((row) => row.closest(".red-ui-editableList-item-deleting").length === 0);
}

/** Makes the link that removes a row an accessible button, with a name and the space bar. Node-RED's link has neither. */
export function nameRemoval(row: JQuery, text: string): void {
  const link = row.siblings(".red-ui-editableList-item-remove");
  link.attr({ role: "button", "aria-label": text });
  link.on("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      link.trigger("click");
    }
  });
}
