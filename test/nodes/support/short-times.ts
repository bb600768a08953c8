import type { Field, Fields } from "../../../src/fields/field.ts";
import { numberWithin } from "../../../src/fields/rules/numbers.ts";
import { fields as lightlyAccount } from "../../../src/nodes/lightly-account/fields.ts";
import { fields as ec2Start } from "../../../src/nodes/lightly-ec2-start/fields.ts";
import { fields as ec2Stop } from "../../../src/nodes/lightly-ec2-stop/fields.ts";
import { fields as lightlyRun } from "../../../src/nodes/lightly-run/fields.ts";
import { fields as ssmRunScript } from "../../../src/nodes/lightly-ssm-run-script/fields.ts";
import { fields as studioSelect } from "../../../src/nodes/lightly-studio-select/fields.ts";

type Changeable = { -readonly [K in keyof Field]: Field[K] };

/**
 * Lets the tests of nodes use shorter times than a user may set, so that they don't wait.
 *
 * @returns restores the limits for other tests in this process
 */
export function allowShortTimes(): () => void {
  const tables: Fields[] = [lightlyAccount, ec2Start, ec2Stop, lightlyRun, ssmRunScript, studioSelect];
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
