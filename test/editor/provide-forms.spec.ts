import assert from "node:assert/strict";
import { provideForms } from "../../src/editor/provide-forms.ts";

type Use = (forms: object) => void;

const page = globalThis as { lightlyAwsForms?: { push(use: Use): unknown } };
const shared = { formOf: () => "a form" };

describe("what forms share", () => {
  afterEach(() => {
    delete page.lightlyAwsForms;
  });

  it("is available at once for a node that the editor loads after the plugin", () => {
    provideForms(shared);
    assert.deepEqual(usedBy("ec2 stop"), ["ec2 stop", shared]);
  });

  it("is passed to the nodes that the editor has loaded before the plugin, in their order", () => {
    const first = usedBy("s3 upload");
    const second = usedBy("ec2 stop");
    assert.deepEqual([first, second], [["s3 upload"], ["ec2 stop"]]);
    provideForms(shared);
    assert.deepEqual(
      [first, second],
      [
        ["s3 upload", shared],
        ["ec2 stop", shared],
      ],
    );
  });
});

/** Does what the script of a node does. Returns its name, and later also what it has got. */
function usedBy(name: string): unknown[] {
  const got: unknown[] = [name];
  // biome-ignore lint/suspicious/noAssignInExpressions: as in the scripts of the nodes
  (page.lightlyAwsForms ??= [] as Use[]).push((forms) => got.push(forms));
  return got;
}
