import assert from "node:assert/strict";
import { lazyImports } from "../../scripts/lazy-imports.ts";

/** What the TypeScript compiler emits for a module with each kind of use of an import. */
const COMPILED = `"use strict";
exports.again = exports.Child = void 0;
const node_path_1 = require("node:path");
const base_ts_1 = require("./base.js");
const tool_ts_1 = require("../tool.js");
var more_ts_1 = require("./more.js");
Object.defineProperty(exports, "again", { enumerable: true, get: function () { return more_ts_1.again; } });
class Child extends base_ts_1.Base {
    tool = new tool_ts_1.Tool(node_path_1.sep);
    made = (0, tool_ts_1.make)();
}
exports.Child = Child;
`;

describe("an import of a compiled module", () => {
  function run(code: string) {
    const loaded: string[] = [];
    const modules: Record<string, object> = {
      "node:path": { sep: "/" },
      "./base.js": { Base: class {} },
      "../tool.js": {
        Tool: class {
          readonly separator: string;
          constructor(separator: string) {
            this.separator = separator;
          }
        },
        make: () => "made",
      },
      "./more.js": { again: "again" },
    };
    const exports: { Child?: new () => { tool: { separator: string }; made: string }; again?: string } = {};
    new Function("require", "exports", code)((path: string) => {
      loaded.push(path);
      return modules[path];
    }, exports);
    return { loaded, exports };
  }

  it("is loaded where it is used for the first time, and once", () => {
    const { loaded, exports } = run(lazyImports(COMPILED));
    assert.deepEqual(loaded, ["node:path", "./base.js"], "the class needs its base");
    assert.ok(exports.Child);
    const [one] = [new exports.Child(), new exports.Child()];
    assert.deepEqual([one.tool.separator, one.made, exports.again], ["/", "made", "again"]);
    assert.deepEqual(loaded, ["node:path", "./base.js", "../tool.js", "./more.js"]);
  });

  it("has the same value as when it is loaded at the start", () => {
    const { loaded, exports } = run(COMPILED);
    assert.equal(loaded.length, 4);
    assert.ok(exports.Child);
    const { tool, made } = new exports.Child();
    assert.deepEqual([tool.separator, made, exports.again], ["/", "made", "again"]);
  });
});
