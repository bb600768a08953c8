import { deepEqual } from "node:assert/strict";
import { text } from "../../src/fields/kinds.ts";
import { MIGRATIONS, type Migration, migrate, migratedProperties } from "../../src/fields/migrations.ts";

/** Not a literal: the global types of the editor are not those of Node.js. */
const FORM_OF: string = "../../src/editor/form-of.ts";
const TYPE = "test-node";
const RENAMED: Migration = {
  reads: ["deadMansMinutes"],
  change: ({ deadMansMinutes }) => ({ autoStopMinutes: deadMansMinutes }),
};
const IN_SECONDS: Migration = { change: ({ autoStopMinutes }) => ({ autoStopSeconds: Number(autoStopMinutes) * 60 }) };

describe("a node of an older release", () => {
  afterEach(() => MIGRATIONS.delete(TYPE));

  const migrated = (node: Record<string, unknown>): Record<string, unknown> => {
    migrate(TYPE, node);
    return node;
  };

  it("is unchanged as long as its type has no migrations", () => {
    deepEqual(migrated({ id: "n1", name: "a" }), { id: "n1", name: "a" });
    deepEqual(migratedProperties(TYPE), {});
  });

  it("goes through all migrations in order, and through each one once", () => {
    MIGRATIONS.set(TYPE, [RENAMED, IN_SECONDS]);
    const node = migrated({ deadMansMinutes: "30" });
    deepEqual(node, { deadMansMinutes: "30", autoStopMinutes: "30", autoStopSeconds: 1800, configVersion: 2 });
    node.autoStopMinutes = "5";
    deepEqual(migrated({ ...node }), node);
  });

  it("continues with the migrations that it has not seen", () => {
    MIGRATIONS.set(TYPE, [RENAMED, IN_SECONDS]);
    deepEqual(migrated({ autoStopMinutes: "10", configVersion: 1 }), {
      autoStopMinutes: "10",
      autoStopSeconds: 600,
      configVersion: 2,
    });
  });

  it("of a newer release is not changed", () => {
    MIGRATIONS.set(TYPE, [RENAMED]);
    deepEqual(migrated({ configVersion: 7 }), { configVersion: 7 });
  });

  it("is migrated when the editor adds it, which keeps the old properties until then", async () => {
    MIGRATIONS.set(TYPE, [RENAMED]);
    const listeners: Array<(node: Record<string, unknown>) => void> = [];
    const editor = {
      _: (key: string) => key,
      events: { on: (_event: string, listener: never) => listeners.push(listener) },
    };
    Object.assign(globalThis, { RED: editor });
    try {
      const { formOf } = await import(FORM_OF);
      const { defaults } = formOf(TYPE, { autoStopMinutes: text({ icon: "power-off" }) });
      deepEqual(
        [defaults.deadMansMinutes, defaults.configVersion],
        [{ value: undefined }, { value: 1 }],
        "a new node needs no migration",
      );
      const nodes = [
        { type: TYPE, deadMansMinutes: "30" },
        { type: "other", deadMansMinutes: "30" },
      ];
      for (const node of nodes) {
        listeners[0]?.(node);
      }
      deepEqual(nodes, [
        { type: TYPE, deadMansMinutes: "30", autoStopMinutes: "30", configVersion: 1 },
        { type: "other", deadMansMinutes: "30" },
      ]);
    } finally {
      Reflect.deleteProperty(globalThis, "RED");
    }
  });
});
