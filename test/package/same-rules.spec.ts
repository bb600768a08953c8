import assert from "node:assert/strict";
import type { Field, Fields } from "../../src/fields/field.ts";
import { isShown } from "../../src/fields/field.ts";
import { readSettings } from "../../src/nodes/shared/accounts/account-settings.ts";
import { Inputs } from "../../src/nodes/shared/inputs/inputs.ts";
import { parseSelection } from "../../src/services/lightly/selection/selection-config.ts";
import { fieldsIn } from "../support/node-folders.ts";
import { type BuiltNode, builtFolders, judge, nodeOf, readBuiltNode } from "./built-node.ts";
import { valuesFor } from "./field-values.ts";

// The account fields are references, and the strategies have their own rules: see form-values.spec.ts and bad-input.spec.ts.
const NOT_READ = ["account", "any"];

const red = {
  util: {
    evaluateNodeProperty(raw: string, type: string, _node: object, _msg: object, done: (...result: unknown[]) => void) {
      done(null, type === "json" ? JSON.parse(raw) : type === "num" ? Number(raw) : raw);
    },
    getSetting: () => undefined,
  },
};

describe("form and runtime", () => {
  for (const folder of builtFolders().filter((name) => name.startsWith("lightly-"))) {
    const fields = fieldsIn(folder);
    for (const [name, field] of Object.entries(fields).filter(([, { kind }]) => !NOT_READ.includes(kind))) {
      it(`accept and refuse the same values of ${folder}'s ${name}`, async () => {
        const node = readBuiltNode(folder);
        // The editor does not know the credentials of a node before its form is opened.
        const isKnown = (value: unknown): boolean => field.kind !== "secret" || value !== undefined;
        for (const value of valuesFor(field).filter(isKnown)) {
          for (const choices of [shownBy(field), hiddenBy(field)]) {
            const changes = { ...choices, [name]: value, ...(field.typed && { [`${name}Type`]: literalOf(field) }) };
            const inForm = field.kind === "flag" ? true : judge(node, name, changes);
            const atRuntime = await verdictAtRuntime(node, fields, name, changes);
            assert.equal(
              atRuntime === true,
              inForm === true,
              `${JSON.stringify(changes)}: form ${inForm}, runtime ${atRuntime}`,
            );
          }
        }
      });
    }
  }
});

/** `true`, or the error. */
async function verdictAtRuntime(node: BuiltNode, fields: Fields, name: string, changes: Record<string, unknown>) {
  const { _def, _, id: _id, ...def } = nodeOf(node, changes);
  const field = fields[name] as Field;
  const read = (property: string): unknown => def[property] ?? fields[property]?.value;
  // The runtime does not read a required field that does not apply.
  if (!isShown(field, read) && field.required) {
    return true;
  }
  try {
    if (node.definition.category === "config" || field.kind === "secret") {
      readSettings({ type: node.type, credentials: {} }, def, fields, name);
    } else {
      const inputs = new Inputs(red as never, { type: node.type } as never, def as never, {} as never);
      const values: Record<string, unknown> = await inputs.read(fields, name);
      // The rest of its rules are those of Lightly's API.
      if (name === "selection") {
        parseSelection(values.selection);
      }
    }
    return true;
  } catch (error) {
    return String(error);
  }
}

function literalOf({ typed }: Field): string {
  return typed?.literal === "json-below" ? "json" : (typed?.literal ?? "str");
}

/** The choices with which a field applies. */
function shownBy({ when = {} }: Field): Record<string, unknown> {
  return Object.fromEntries(Object.entries(when).map(([property, [value]]) => [property, value]));
}

/** The choices with which it does not apply; the same if it always applies. */
function hiddenBy({ when = {} }: Field): Record<string, unknown> {
  return Object.fromEntries(Object.keys(when).map((property) => [property, "another"]));
}
