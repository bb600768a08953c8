import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import { NODE_FIELDS } from "../../src/nodes/shared/configuration/node-fields.ts";
import { fieldsIn, nodeFolders } from "../support/node-folders.ts";
import { type BuiltNode, builtFolders, keysOf, nodeOf, readBuiltNode } from "./built-node.ts";

const EXPECTED = nodeFolders();

/** The nodes that are steps of a run. */
const STEPS = EXPECTED.filter((folder) => Object.hasOwn(fieldsIn(folder), "retries"));
/** The statuses that every step may show. */
const SHOWN_BY_ALL_STEPS = ["working", "resuming", "retrying", "aborted", "skipped", "notConfigured"];

describe("the forms of the built package", () => {
  it("exist for each node", () => {
    assert.deepEqual(
      builtFolders().filter((folder) => EXPECTED.includes(folder)),
      EXPECTED,
    );
  });

  it("are those of the nodes that package.json names", () => {
    const { nodes } = JSON.parse(readFileSync("package.json", "utf8"))["node-red"] as { nodes: object };
    assert.deepEqual(nodes, Object.fromEntries(EXPECTED.map((name) => [name, `dist/nodes/${name}/${name}.js`])));
  });

  it("are those of the nodes whose missing values are found before a run", () => {
    assert.deepEqual(Object.keys(NODE_FIELDS).sort(), EXPECTED);
  });

  for (const folder of EXPECTED) {
    describe(folder, () => {
      let node: BuiltNode;
      before(() => {
        node = readBuiltNode(folder);
      });
      const prefix = (): string => (node.definition.category === "config" ? "node-config-input-" : "node-input-");

      it("registers the type of its form and its help", () => {
        assert.equal(node.type, folder);
        assert.match(node.html, new RegExp(`data-template-name="${node.type}"`));
        assert.equal(node.helpFor, node.type);
      });

      it("is registered by literals, for tools that inspect packages", () => {
        const literal = node.definition.category === "config" ? "config" : "lightly";
        assert.match(
          node.script,
          new RegExp(`RED\\.nodes\\.registerType\\("${node.type}", \\{\\s+category: "${literal}"`),
        );
      });

      it("has an input for each property and each credential", () => {
        for (const property of [...keys(node.definition.defaults), ...keys(node.definition.credentials)]) {
          const [element, ...more] = [`${prefix()}${property}`, `${prefix()}${property}-list`].flatMap((id) =>
            node.form.querySelectorAll(`[id="${id}"]`),
          );
          assert.ok(element, `${property} has no input`);
          assert.equal(more.length, 0, `${property} has several inputs`);
        }
      });

      it("has no field that its runtime does not read", () => {
        const code = runtimeOf(folder);
        const unread = Object.keys(fieldsIn(folder)).filter((name) => !new RegExp(`(["'.])${name}\\b`).test(code));
        assert.deepEqual(unread, []);
      });

      it("has password fields for secrets", () => {
        for (const [name, { type }] of Object.entries(node.definition.credentials ?? {})) {
          assert.equal(node.form.querySelector(`#${prefix()}${name}`)?.getAttribute("type"), type, name);
        }
      });

      it("labels each input", () => {
        for (const element of node.form.querySelectorAll("input, select, textarea, ol")) {
          const id = element.id;
          const isNamed =
            element.getAttribute("type") === "hidden" ||
            node.form.querySelector(`label[for="${id}"]`) !== null ||
            /\[aria-label\]/.test(element.getAttribute("data-i18n") ?? "");
          assert.ok(isNamed, `${id} has no label`);
        }
        for (const label of node.form.querySelectorAll("label")) {
          assert.ok(
            node.form.getElementById(label.getAttribute("for") ?? "-"),
            `label for ${label.getAttribute("for")}`,
          );
        }
        for (const button of node.form.querySelectorAll("button, a.red-ui-button")) {
          const isNamed = button.querySelector("[data-i18n]") !== null || /\S/.test(button.textContent);
          assert.ok(isNamed || button.getAttribute("aria-label"), "a button has no name");
        }
      });

      it("shows rows for existing choices", () => {
        for (const row of node.form.querySelectorAll("[data-when]")) {
          for (const condition of (row.getAttribute("data-when") ?? "").split("&")) {
            const [property = "", values = ""] = condition.split("=");
            const options = node.form
              .querySelectorAll(`#${prefix()}${property} option`)
              .map((option) => option.getAttribute("value"));
            for (const value of values.split(",")) {
              assert.ok(options.includes(value), `${property} can't be ${value}`);
            }
          }
        }
      });

      it("has its default among the choices", () => {
        for (const select of node.form.querySelectorAll("select")) {
          const values = select.querySelectorAll("option").map((option) => option.getAttribute("value"));
          const property = select.id.slice(prefix().length);
          assert.ok(values.includes(String(node.definition.defaults[property]?.value)), property);
        }
      });

      it("uses the colors of the editor's theme", () => {
        const styled = node.html.replace(/&#?\w+;/g, "").replace(/<script type="text\/javascript">[\s\S]*/, "");
        assert.doesNotMatch(styled, /#[0-9a-f]{3,8}\b(?=[^"]*;)|rgba?\(|hsla?\(/i);
        for (const [declaration] of styled.matchAll(/(color|background|border(-\w+)?|outline)\s*:[^;}]*/g)) {
          assert.match(declaration, /var\(--red-ui-[\w-]+\)/);
        }
      });

      it("finds each text in its catalog, and uses each text", () => {
        const known = new Set(keysOf(node.catalog));
        const own = [...known].filter((key) => key.startsWith(`${node.type}.`));
        const inForm = [...node.html.matchAll(/data-i18n="([^"]*)"/g)]
          .flatMap(([, keys = ""]) => keys.split(";"))
          .map((key) => key.replace(/^\[[\w-]+\]/, ""))
          .filter((key) => !key.includes(":"));
        const warnings = Object.values(fieldsIn(folder)).flatMap(({ warning }) => warning?.key ?? []);
        const asked = [...inForm, ...textsOf(node), ...warnings.map((key) => `${node.type}.warning.${key}`)];
        for (const key of asked) {
          assert.ok(known.has(key), `${key} is not in the catalog`);
        }
        const used = new Set(asked);
        const unused = own.filter(
          (key) => !used.has(key) && !node.script.includes(`"${key}"`) && !key.includes(".status."),
        );
        assert.deepEqual(unused, []);
      });

      if (!folder.endsWith("-account")) {
        it("has each status that its runtime shows", () => {
          const known = new Set(keysOf(node.catalog));
          const shown = STEPS.includes(folder) ? SHOWN_BY_ALL_STEPS : [];
          for (const key of [...shown, ...statusesShown(folder)]) {
            assert.ok(known.has(`${node.type}.status.${key}`), `status.${key} is not in the catalog`);
          }
        });
      }

      if (STEPS.includes(folder)) {
        it("retries after transient errors, unless its flow is older than the retries", () => {
          const { retries, retrySeconds } = node.definition.defaults;
          assert.deepEqual([retries?.value, retries?.whenAbsent, retrySeconds?.value], [2, 0, 10]);
        });

        it("explains its behavior after a restart, and how to abort and retry a run", () => {
          assert.match(node.help.textContent, /After a restart/);
          for (const property of ["runId", "abort", "retry"]) {
            const names = node.help.querySelectorAll("dt").map((name) => name.textContent.split(" ")[0]);
            assert.ok(names.includes(property), property);
          }
        });
      }

      it("has a help with the structure of the core nodes", () => {
        const headings = node.help.querySelectorAll("h3").map((heading) => heading.textContent);
        const isConfig = node.definition.category === "config";
        assert.deepEqual(headings, [
          ...(STEPS.includes(folder) ? ["Inputs"] : []),
          "Properties",
          ...(isConfig ? [] : ["Outputs"]),
          "Details",
          "Errors",
          "References",
        ]);
        assert.equal(node.help.firstElementChild?.tagName, "P");
        assert.match(node.help.textContent, /\bcosts?\b/i);
        assert.match(node.help.textContent, /clean-up/i);
      });

      it("names only existing errors", () => {
        const codes = [...node.help.innerHTML.matchAll(/<dt>([A-Z0-9_]+)<\/dt>/g)].map(([, code]) => code);
        assert.ok(codes.length > 0);
        for (const code of codes) {
          assert.ok(code && code in ERROR_CODES, `${code} is no error code`);
        }
      });

      it("has a color of the family and its own icon", () => {
        assert.ok(existsSync(join("dist", "nodes", folder, "icons", String(node.definition.icon))));
        if (node.definition.category !== "config") {
          assert.match(String(node.definition.color), /^#[0-9A-F]{6}$/);
          assert.ok(node.definition.paletteLabel);
        }
      });

      it("has valid defaults, except for values that only its user knows", () => {
        const instance = nodeOf(node);
        const faults = Object.entries(node.definition.defaults)
          .map(([property, { validate, value }]) => [property, validate?.call(instance, value, {}) ?? true] as const)
          .filter(([, verdict]) => verdict !== true);
        assert.deepEqual(
          [...new Set(faults.map(([, verdict]) => verdict))].filter(
            (verdict) => verdict !== "lightly-aws.reason.missing",
          ),
          [],
        );
      });
    });
  }
});

/** Codes that no step reports to a Catch node, or for which there is nothing to do. */
const NOT_IN_HELP = [
  // Of the admin API.
  ...["RUN_WITHOUT_SELECTION", "RUN_NOT_DELETABLE", "REQUEST_CROSS_ORIGIN"],
  // A defect, and an instance that is stopped instead.
  ...["INTERNAL", "EC2_HIBERNATION_UNSUPPORTED"],
];

describe("the error codes", () => {
  it("are in the help of the nodes that report them", () => {
    const helps = EXPECTED.map((folder) => readBuiltNode(folder).help.textContent).join("\n");
    const missing = Object.keys(ERROR_CODES).filter((code) => !new RegExp(`\\b${code}\\b`).test(helps));
    assert.deepEqual(missing, NOT_IN_HELP);
  });
});

function keys(record: object | undefined): string[] {
  return Object.keys(record ?? {});
}

/** The compiled runtime of a node and of the parts that nodes share, without tables of fields. */
function runtimeOf(folder: string): string {
  return [...codeIn(join("dist", "nodes", folder)), ...codeIn(join("dist", "nodes", "shared"))].join("\n");
}

function codeIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js") && file !== "fields.js")
    .map((file) => readFileSync(join(path, file), "utf8"));
}

/** The keys of the statuses in the compiled runtime. */
function statusesShown(folder: string): string[] {
  const code = codeIn(join("dist", "nodes", folder)).join("\n");
  const calls = [/status\.show(?:Progress)?\([^,]+, "(\w+)"/g, /reportTransfer\)?\(\w+, "(\w+)"/g];
  return calls.flatMap((call) => [...code.matchAll(call)].map(([, key = ""]) => key));
}

/** The keys that labels and ports look up, with all choices of the form. */
function textsOf(node: BuiltNode): string[] {
  const asked = node.asked.map((key) => key.replace(/^[^:]*:/, ""));
  const ask = (key: string): string => {
    asked.push(key);
    return key;
  };
  const { definition, form } = node;
  definition.inputLabels?.call({ ...nodeOf(node), _: ask });
  for (const select of form.querySelectorAll("select")) {
    const property = select.id.replace(/^node-(config-)?input-/, "");
    for (const option of select.querySelectorAll("option")) {
      const instance = { ...nodeOf(node), [property]: option.getAttribute("value"), _: ask };
      definition.label.call(instance);
      definition.inputLabels?.call(instance);
      for (let port = 0; port < (definition.outputs ?? 0); port += 1) {
        definition.outputLabels?.call(instance, port);
      }
    }
  }
  return asked;
}
