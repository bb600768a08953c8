import type { Field } from "../../../src/fields/field.ts";
import { numberWithin } from "../../../src/fields/rules/numbers.ts";
import { fieldsIn, nodeFolders } from "../../support/node-folders.ts";

type Changeable = { -readonly [K in keyof Field]: Field[K] };

/**
 * Lets the tests of nodes use shorter times than a user may set, so that they don't wait.
 *
 * @returns restores the limits for other tests in this process
 */
export function allowShortTimes(): () => void {
  const tables = nodeFolders().map(fieldsIn);
  const rules = new Map<Changeable, Field["rule"]>();
  for (const [name, field] of tables.flatMap((table) => Object.entries(table))) {
    // Some tables share a field.
    if (/(Seconds|Minutes|Hours)$/.test(name) && !rules.has(field)) {
      rules.set(field, field.rule);
      (field as Changeable).rule = numberWithin({ min: 0, max: field.limits?.max });
    }
  }
  return () => {
    for (const [field, rule] of rules) {
      field.rule = rule;
    }
  };
}
