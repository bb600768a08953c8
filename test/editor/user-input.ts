import type { Page } from "playwright-core";
import type { InPage, Place } from "./in-page.ts";

declare const inPage: InPage;

/** Replaces the text of a field by the keyboard. The field keeps the focus. */
export async function typeText(page: Page, place: Place, text: string): Promise<void> {
  await page.evaluate((at) => inPage.select(at), place);
  await replaceSelected(page, text);
}

async function replaceSelected({ keyboard }: Page, text: string): Promise<void> {
  await (text === "" ? keyboard.press("Delete") : keyboard.insertText(text));
}

/** Replaces the text of a field, and leaves the field, because the editor validates then, and the menu of suggestions closes. */
export async function enterText(page: Page, place: Place, text: string): Promise<void> {
  await typeText(page, place, text);
  await page.keyboard.press("Tab");
}

/** Types into a field, or chooses an option of it if it is a select. */
export async function enter(page: Page, place: Place, text: string): Promise<void> {
  if ((await page.evaluate((at) => inPage.select(at), place)) === "select") {
    await choose(page, place, text);
  } else {
    await replaceSelected(page, text);
  }
}

/** Chooses an option of a select. */
export async function choose(page: Page, place: Place, value: string): Promise<void> {
  await page.evaluate(([at, chosen]) => inPage.choose(at, chosen), [place, value] as const);
}

/** Clicks on an element with the mouse. A click that something else has received in the meantime is tried again. */
export async function clickOn(page: Page, place: Place): Promise<void> {
  do {
    const { x, y } = await page.evaluate((at) => inPage.aim(at), place);
    await page.mouse.click(x, y);
  } while (!(await page.evaluate(() => inPage.hit())));
}

/** Clicks on a checkbox if it is not in the state that it should have. */
export async function setChecked(page: Page, property: string, isChecked: boolean): Promise<void> {
  if ((await page.evaluate((name) => inPage.inputOf(name)?.checked, property)) !== isChecked) {
    await clickOn(page, { property });
  }
}

/** Opens all folded sections of the dialog on top. */
export async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const summary of inPage.dialog()?.querySelectorAll("details:not([open]) > summary") ?? []) {
      summary.click();
    }
  });
}
