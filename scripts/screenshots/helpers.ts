import { READY_MADE_INSTANCE_ID } from "lightly-aws-sandbox";
import type { Locator, Page } from "playwright-core";
import { cancelDialog, openDialog, ownNodes } from "../../test/editor/editor-page.ts";
import { addStrategy, fillStrategy, removeStrategies } from "../../test/editor/strategy-form.ts";
import { type Album, fromTo, inTheDark } from "./album.ts";
import { formFrame } from "./forms.ts";

/** Three strategies that are often combined. */
const STRATEGIES = [
  {
    input: { type: "EMBEDDINGS" },
    strategy: { type: "DIVERSITY", stopping_condition_minimum_distance: 0.2 },
  },
  { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", strength: 0.5 } },
  {
    input: { type: "METADATA", key: "lightly.sharpness" },
    strategy: { type: "THRESHOLD", threshold: 20, operation: "BIGGER" },
  },
] as const;

/** The helpers of the forms: the list of strategies, look-ups, tests of accounts, and the worker's fields. */
export async function pictureHelpers(album: Album): Promise<void> {
  await pictureStrategies(album);
  await pictureLookUp(album);
  await pictureConnectionTest(album);
  await pictureWorkerFields(album);
}

async function pictureStrategies({ page, take }: Album): Promise<void> {
  const dialog = await open(page, "lightly-run");
  await removeStrategies(dialog);
  for (const pair of STRATEGIES) {
    await fillStrategy(await addStrategy(dialog), pair);
  }
  const first = dialog.locator(".lightly-aws-heading", { hasText: "Selection" });
  const frame = await fromTo(first, dialog.locator("#lightly-aws-show-json"), 12);
  await take("selection-builder", frame);
  await inTheDark(page, () => take("selection-builder-dark", frame));
  await cancelDialog(page);
}

async function pictureLookUp({ page, take }: Album): Promise<void> {
  const dialog = await open(page, "lightly-ec2-start");
  await typeByHand(dialog.locator("#node-input-instanceIds"), READY_MADE_INSTANCE_ID);
  await dialog.getByRole("button", { name: "Choose instances", exact: true }).click();
  const offered = dialog.getByRole("listbox", { name: "Choose instances", exact: true });
  await offered.getByRole("option").first().waitFor();
  await take("look-up", await formFrame(dialog));
  await cancelDialog(page);
}

async function pictureConnectionTest({ page, take }: Album): Promise<void> {
  const dialog = await open(page, "lightly-aws-account");
  await dialog.getByRole("button", { name: "Test connection", exact: true }).click();
  await dialog.locator(".lightly-aws-tried .fa-check-circle").first().waitFor();
  await take("connection-test", await formFrame(dialog));
  await cancelDialog(page);
}

async function pictureWorkerFields({ page, take }: Album): Promise<void> {
  const dialog = await open(page, "lightly-ssm-run-script");
  await dialog.locator("#node-input-mode").selectOption("worker");
  const token = dialog.locator(".form-row", { has: page.locator("#node-input-tokenName") });
  await token.locator(".red-ui-typedInput-input").fill("/prod/lightly-token");
  await page.keyboard.press("Tab");
  await take("worker-fields", await formFrame(dialog));
  await cancelDialog(page);
}

async function open(page: Page, type: string): Promise<Locator> {
  const node = (await ownNodes(page)).find((one) => one.type === type);
  if (!node) {
    throw new Error(`The flows have no node of the type ${type}.`);
  }
  return openDialog(page, node);
}

/** Look-ups are available for fields of type string; the example has an environment variable. */
async function typeByHand(input: Locator, text: string): Promise<void> {
  await input.evaluate((element, value) => {
    const { $ } = globalThis as unknown as { $(of: unknown): { typedInput(method: string, value: string): void } };
    $(element).typedInput("type", "str");
    $(element).typedInput("value", value);
  }, text);
}
