import { DEFAULT_STRATEGIES } from "../../fields/default-strategies.ts";
import { currentRows, nameRemoval } from "../fields/list-rows.ts";
import { input } from "../open-form.ts";
import { type Row, rowOf } from "./rows.ts";
import { StrategyRow, type StrategyRowOptions } from "./strategy-row.ts";

/** The strategies of the open form. */
export interface StrategyList {
  read(): readonly Row[];
  show(rows: readonly Row[]): void;
}

/** The data of a row of the editable list. Empty if the row was added by the button. */
interface ListItem {
  first?: Row;
  row?: StrategyRow;
}

/** Makes `<ol id="node-input-<property>-list">` a list of strategies. `onChange` is called after each change. */
export function openStrategyList(node: EditorNode, property: string, options: StrategyRowOptions): StrategyList {
  const { translate, onChange } = options;
  const list = input(node, `${property}-list`);
  list.attr("aria-label", translate("lightly-aws.selection.label.strategies"));
  // The order has no meaning in Lightly, so rows can't be sorted.
  list.editableList<ListItem>({
    removable: true,
    sortable: false,
    height: "auto",
    addItem: (row, _index, item) => {
      const isNew = item.first === undefined;
      item.row = new StrategyRow(row, item.first ?? rowOf(DEFAULT_STRATEGIES[0]), options);
      nameRemoval(row, translate("lightly-aws.selection.builder.remove"));
      numberRows();
      onChange();
      if (isNew) {
        item.row.focus();
      }
    },
    removeItem: () => {
      numberRows();
      onChange();
      // The button that had the focus was removed.
      const [next] = kept().slice(-1);
      if (next === undefined) {
        list.closest(".red-ui-editableList").find(".red-ui-editableList-addButton").trigger("focus");
      } else {
        next.focus();
      }
    },
  });
  const kept = (): StrategyRow[] => currentRows(list).flatMap((row) => (row.data("data") as ListItem).row ?? []);
  const numberRows = (): void => {
    for (const [index, row] of kept().entries()) {
      row.number(index);
    }
  };
  return {
    read: () => kept().map((row) => row.read()),
    show: (rows) => {
      list.editableList("empty");
      list.editableList(
        "addItems",
        rows.map((first) => ({ first })),
      );
    },
  };
}
