import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { NODE_REDS } from "../support/node-reds.ts";
import { untilPassed } from "../support/until-passed.ts";
import { assertListsVariables, withoutCredentials } from "./check-view.ts";
import { cancelDialog, type EditorPage, openDialog, ownNodes, takePictures } from "./editor-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";
import { assertWarns, SAME_FOLDER_FLOW } from "./same-folder-warning.ts";
import { type Served, serveFlow, useEditor } from "./use-editor.ts";

/** One language is enough for Node-RED 4.1, with the form that has most parts, and one of an account: the texts of the others are found alike. */
const LANGUAGES = { "node-red": ["de", "ja", "zh-CN"], "node-red-4": ["de"] } as const;
/** The flow of the whole pipeline. */
const PIPELINE = "a1f0000000000001";
const FORMS_IN_4 = ["lightly-run", "lightly-aws-account"];

for (const nodeRedPackage of NODE_REDS) {
  const types = nodeRedPackage === "node-red" ? typesOfForms() : FORMS_IN_4;
  describe(`the editor of ${nodeRedPackage}`, () => {
    let nodeRed: Served | undefined;
    after(() => nodeRed?.close());
    /** The languages share a Node-RED, whose start takes as much processor time as some forms. Each finds it without runs. */
    const serve = async (): Promise<Served> => {
      nodeRed ??= await serveFlow({ flow: testedFlow(), nodeRedPackage, environment: withoutCredentials });
      const { url } = nodeRed;
      return { url, close: () => deleteRuns(url) };
    };

    for (const language of LANGUAGES[nodeRedPackage]) {
      describe(`in ${language}`, () => {
        const opened = useEditor(serve, language);
        let editor: EditorPage;

        before(() => {
          editor = opened.editor;
        });

        it("has each form in that language, complete and without keys instead of texts", async () => {
          const seen = new Set<string>();
          for (const node of await ownNodes(editor.page)) {
            if (seen.has(node.type) || !types.includes(node.type)) {
              continue;
            }
            seen.add(node.type);
            const dialog = await openDialog(editor.page, node);
            const { shown, cutOff } = await readForm(dialog.locator(".lightly-aws-form"));
            const [first = ""] = Object.values(labelsOf(node.type, language));
            ok(shown.includes(first), `${node.type} does not show "${first}"`);
            deepEqual(shown.match(/lightly-[\w-]+\.\w+(\.\w+)?|lightly-aws\.\w+/g), null);
            deepEqual(cutOff, [], node.type);
            await takePictures(editor.page, `${language}-${node.type}-${nodeRedPackage}`);
            await cancelDialog(editor.page);
          }
          deepEqual([...seen].sort(), types.toSorted());
        });

        it("shows the help of each node in that language", async () => {
          for (const name of typesOfForms()) {
            const text = readFileSync(join("dist", "nodes", name, "locales", language, `${name}.html`), "utf8");
            const [, first = "-"] = /<p>(.*?)<\/p>/.exec(text) ?? [];
            await showHelp(editor.page, name);
            await editor.page.locator(".red-ui-help").getByText(first, { exact: true }).waitFor();
          }
          await takePictures(editor.page, `${language}-help-${nodeRedPackage}`);
        });

        it("has the Runs panel in that language", async () => {
          const texts = catalogOf("plugins", "lightly-aws", language, "lightly-aws");
          const panel = await openRunsPanel(editor.page);
          await untilPassed(async () =>
            ok((await panel.root.innerText()).includes((texts.list as Record<string, string>).none ?? "-")),
          );
          equal(
            await panel.root.locator("select").first().getAttribute("aria-label"),
            (texts.list as Record<string, string>).state,
          );
        });

        it("explains the failure of a run in that language", async () => {
          // The environment variables of the example's flow are not set.
          await fetch(`${opened.url}/lightly-pipeline`, { method: "POST" });
          const { errors } = catalogOf("plugins", "lightly-aws", language, "lightly-aws");
          const panel = await openRunsPanel(editor.page);
          await panel.rows.first().getByRole("button").click();
          const error = panel.root.locator(".lightly-runs-error:visible", { has: editor.page.locator("code") }).first();
          const code = (await error.locator("code").textContent()) ?? "";
          equal(await error.locator("strong").textContent(), (errors as Record<string, string>)[code]);
          await takePictures(editor.page, `${language}-panel-${nodeRedPackage}`);
          await panel.back();
        });

        it("warns in that language if the output is in the input's folder", () => assertWarns(opened, language));

        it("lists the variables that a flow needs in that language", async () => {
          await editor.page.evaluate((id) => RED.workspaces.show(id), PIPELINE);
          await assertListsVariables(editor.page, language);
        });

        it("causes no error in the browser", () => {
          deepEqual(editor.faults, []);
        });
      });
    }
  });
}

/** Deletes the runs, which are over soon. */
async function deleteRuns(url: string): Promise<void> {
  const runs = (await (await fetch(`${url}/lightly-aws/runs`)).json()) as RunRecord[];
  for (const { runId } of runs) {
    await until(
      async () =>
        (
          await fetch(`${url}/lightly-aws/runs/${runId}`, {
            method: "DELETE",
            headers: { "content-type": "application/json" },
          })
        ).ok,
    );
  }
}

declare const RED: {
  workspaces: { show(id: string): void };
  sidebar: { help: { show(type: string): void } };
};

/** Opens the sidebar's help of a type, like a click on its name in the list. */
async function showHelp(page: Page, type: string): Promise<void> {
  await page.evaluate((name) => RED.sidebar.help.show(name), type);
}

/** The members of an element that the tests use. */
interface Element {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string | null;
  readonly innerText: string;
  open: boolean;
  querySelectorAll(selector: string): Iterable<Element>;
}

/** The visible text of a form with all its parts open, and the labels with a word that is wider than their column. */
async function readForm(form: Locator): Promise<{ shown: string; cutOff: unknown[] }> {
  // In one request to the browser: opening by the mouse is tested elsewhere.
  return form.evaluate((element) => {
    const root = element as unknown as Element;
    for (const details of root.querySelectorAll("details")) {
      details.open = true;
    }
    const cutOff = [...root.querySelectorAll(".form-row > label")]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ textContent }) => textContent);
    return { shown: root.innerText, cutOff };
  });
}

/** The pipeline, and a node of each type as an example has it. The editor takes longer for each node that it has to draw. */
function testedFlow(): object[] {
  const all = readdirSync("examples").flatMap(nodesOf);
  const accounts = all.filter(({ type }) => type.endsWith("-account"));
  const firsts = Object.keys(Object.groupBy(all, ({ type }) => type))
    .filter((type) => type.startsWith("lightly-") && !type.endsWith("-account"))
    .map((type) => ({ ...all.find((node) => node.type === type), id: `first-${type}`, z: "firsts", wires: [] }));
  const nodes = [{ id: "firsts", type: "tab" }, ...firsts, ...accounts, ...nodesOf("flows.json"), ...SAME_FOLDER_FLOW];
  // The examples share accounts.
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}

/** The types with a form. */
function typesOfForms(): string[] {
  return readdirSync(join("dist", "nodes")).filter((name) => name !== "shared");
}

function nodesOf(example: string): Array<{ id: string; type: string }> {
  return JSON.parse(readFileSync(join("examples", example), "utf8"));
}

/** A catalog of the built package. */
function catalogOf(kind: string, folder: string, language: string, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join("dist", kind, folder, "locales", language, `${name}.json`), "utf8"));
}

function labelsOf(name: string, language: string): Record<string, string> {
  const { label } = catalogOf("nodes", name, language, name)[name] as { label: Record<string, string> };
  return label;
}
