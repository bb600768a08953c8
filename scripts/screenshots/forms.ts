import type { Locator } from "playwright-core";
import { cancelDialog, importExample, openDialog, ownNodes } from "../../test/editor/editor-page.ts";
import { type Album, type Frame, fromTo } from "./album.ts";
import { isPicture } from "./names.ts";

/** High enough for the longest form. */
const TALL = { width: 1440, height: 1700 } as const;

/** The form of each node. */
export async function pictureForms({ page, take }: Album): Promise<void> {
  await page.setViewportSize(TALL);
  await importExample(page, "results", "Lightly results");
  await importExample(page, "studio", "LightlyStudio");
  const taken = new Set<string>();
  for (const node of await ownNodes(page)) {
    const name = node.type.replace(/^lightly-/, "form-");
    if (isPicture(name) && !taken.has(name)) {
      taken.add(name);
      const dialog = await openDialog(page, node);
      await take(name, await formFrame(dialog));
      await cancelDialog(page);
    }
  }
}

/** A dialog without its background and without the space below its form. */
export async function formFrame(dialog: Locator): Promise<Frame> {
  const frame = await fromTo(dialog.locator(".red-ui-tray-header"), dialog.locator(".lightly-aws-form"));
  return { ...frame, height: frame.height + 16 };
}
