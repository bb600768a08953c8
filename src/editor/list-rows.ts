/** The rows of an editable list: one that was removed fades away before it is gone, and counts no more. */
export function keptRows(list: JQuery): JQuery[] {
  const rows = list.editableList("items").toArray();
  return rows.map((row) => $(row)).filter((row) => row.closest(".red-ui-editableList-item-deleting").length === 0);
}

/** Names the link that removes a row. Node-RED shows it without a name; it is a button to who uses it: pressed by the space bar too. */
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
