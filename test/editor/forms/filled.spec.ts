import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import type { LocalStack } from "../../../scripts/local/local-stack.ts";
import { builtFolders } from "../../package/built-node.ts";
import { NODE_REDS } from "../../support/node-reds.ts";
import { type EditorPage, editNode, openDialog, saveDialog } from "../editor-page.ts";
import { putObject, startLookUpStack } from "../look-up-stack.ts";
import { useEditor } from "../use-editor.ts";
import { addNode, definitionOf, deploy, exported, lastOf, openNewAccount, storedIn } from "./editor-nodes.ts";
import { AWS } from "./fill-aws.ts";
import { type Expected, fillForm } from "./fill-field.ts";
import { LIGHTLY } from "./fill-lightly.ts";
import { PEXELS } from "./fill-pexels.ts";
import { allShownOf } from "./shown-form.ts";

/** Accounts without values use the sandbox's from the environment. */
const FLOW = [
  { id: "tab", type: "tab", label: "forms" },
  { id: "aws", type: "lightly-aws-account", name: "sandbox", credentialSource: "chain" },
  { id: "lightly", type: "lightly-account", name: "sandbox" },
  { id: "pexels", type: "lightly-pexels-account", name: "sandbox" },
];

/** Together they have entries of each kind, which is enough for the other editor: how it stores a value depends on the kind only. */
const IN_4 = ["lightly-ec2-start", "lightly-ssm-run-script", "lightly-run", "lightly-aws-account"];

const isAccount = (type: string): boolean => type.endsWith("-account");
/** Steps first: some look-ups use each account, and the accounts that are filled in here don't work. */
const FILLINGS = Object.entries({ ...AWS, ...LIGHTLY, ...PEXELS }).sort(
  ([one], [other]) => Number(isAccount(one)) - Number(isAccount(other)),
);

/** The placeholder of a secret that the editor does not know. */
const KEPT_SECRET = "__PWRD__";
const isSecret = (value: unknown): value is string => typeof value === "string" && value.startsWith("secret-of-");

for (const nodeRedPackage of NODE_REDS) {
  describe(`each filled-in form in ${nodeRedPackage}`, () => {
    let stack: LocalStack;
    const opened = useEditor(async () => {
      stack = await startLookUpStack({ flow: FLOW, nodeRedPackage });
      return { url: stack.nodeRed.url, close: stack.close };
    });
    let editor: EditorPage;
    let page: Page;
    /** The id of the node of each type, and the values of its form. */
    const filled = new Map<string, { readonly id: string; readonly expected: Map<string, Expected> }>();

    before(async () => {
      ({ editor, page } = opened);
      await putObject(stack, "lightly-output", "videos/day/a.mp4");
    });

    const open = (type: string, id: string): Promise<Locator> =>
      openDialog(page, { id, type, name: "", valid: true, category: isAccount(type) ? "config" : "" });

    async function assertShown(dialog: Locator, expected: ReadonlyMap<string, Expected>): Promise<void> {
      assert.deepEqual(await allShownOf(dialog, [...expected.keys()]), objectOf(expected, "shown"));
      assert.equal(await dialog.locator(".input-error:visible").count(), 0);
    }

    const fillings = FILLINGS.filter(([type]) => nodeRedPackage === "node-red" || IN_4.includes(type));
    if (nodeRedPackage === "node-red") {
      it("belongs to a node of this package, and none is missing", () => {
        assert.deepEqual(
          FILLINGS.map(([type]) => type).sort(),
          builtFolders().map((folder) => folder),
        );
      });
    } else {
      it("has an entry of each kind", () => assert.deepEqual(kindsIn(fillings), kindsIn(FILLINGS)));
    }

    for (const [index, [type, rounds]] of fillings.entries()) {
      it(`saves all values of ${type}, and opens with them again`, async () => {
        let dialog = isAccount(type)
          ? await openNewAccount(page, type)
          : await editNode(page, await addNode(page, type, { x: 200, y: 60 + 60 * index }));
        const typed = await fillForm(dialog, rounds.typed);
        // To save time, 4.1 opens each form again only at the end.
        if (nodeRedPackage === "node-red") {
          await saveDialog(page);
          const id = await lastOf(page, type);
          assert.deepEqual(await storedIn(page, id), objectOf(typed, "stored"));
          dialog = await open(type, id);
          await assertShown(dialog, typed);
        }
        const expected = new Map([...typed, ...(await fillForm(dialog, rounds.elsewhere))]);
        await saveDialog(page);
        const id = await lastOf(page, type);
        assert.deepEqual(await storedIn(page, id), objectOf(expected, "stored"));
        const { defaults, credentials } = await definitionOf(page, type);
        const isLeft = (property: string): boolean =>
          [typed, expected].every((round) => isSame(round.get(property)?.stored, defaults[property]));
        assert.deepEqual([...Object.keys(defaults), ...credentials].filter(isLeft), [], "are left as they were");
        filled.set(type, { id, expected });
      });
    }

    it("shows the same after a deploy and a reload, is saved without a change, and contains no secret", async () => {
      // It opens and saves all forms.
      await deploy(page);
      assert.deepEqual(editor.faults, []);
      await opened.reopen();
      ({ editor, page } = opened);
      const heard = hearSecrets(page);
      for (const [type, { id, expected }] of filled) {
        const before = await exported(page, id);
        assert.equal(before.changed, false);
        const dialog = await open(type, id);
        await assertShown(
          dialog,
          new Map(
            [...expected].map(([property, one]) => [
              property,
              isSecret(one.shown) ? { ...one, shown: KEPT_SECRET } : one,
            ]),
          ),
        );
        await saveDialog(page);
        assert.deepEqual(await exported(page, id), before);
      }
      assert.deepEqual(await heard(), []);
      assert.deepEqual(editor.faults, []);
    });
  });
}

/** The kinds of the entries of some forms, with the types of typed inputs and the names in lists of pairs. */
function kindsIn(fillings: typeof FILLINGS): string[] {
  const entries = fillings.flatMap(([, { typed, elsewhere }]) => [...typed, ...elsewhere]);
  const kinds = entries.map(([, entry]) => {
    const { as, key } = { as: undefined, key: undefined, ...entry };
    return [Object.keys(entry)[0], as ?? key].filter((part) => part !== undefined).join(" ");
  });
  return [...new Set(kinds)].sort();
}

function objectOf(expected: ReadonlyMap<string, Expected>, which: "shown" | "stored"): Record<string, unknown> {
  return Object.fromEntries([...expected].map(([property, values]) => [property, values[which]]));
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");

/** Watches all JSON responses of the editor from now on. Returns the addresses of those with a secret. */
function hearSecrets(page: Page): () => Promise<string[]> {
  const answers: Promise<string | undefined>[] = [];
  page.on("response", (response) => {
    if (/json/.test(response.headers()["content-type"] ?? "")) {
      answers.push(
        response.text().then(
          (body) => (/secret-of-/.test(body) ? response.url() : undefined),
          () => undefined,
        ),
      );
    }
  });
  return async () => {
    assert.ok(answers.length > 0, "credentials are asked for when a form is opened");
    return (await Promise.all(answers)).filter((url) => url !== undefined);
  };
}
