import type { Case, CasesOfType } from "./cases.ts";

/** Properties that can be invalid at the same time, with the choices that show their fields. */
export interface Round {
  /** The id of the node of this round. */
  readonly id: string;
  readonly when: Readonly<Record<string, string>>;
  /** The cases of each property. */
  readonly cases: ReadonlyMap<string, readonly Case[]>;
}

interface Draft {
  readonly when: Record<string, string>;
  readonly cases: Case[];
}

/** Distributes the cases of a type over as few rounds as possible. Each round opens and saves one form. */
export function roundsOf(type: string, { cases }: CasesOfType): readonly Round[] {
  const drafts: Draft[] = [];
  for (const one of cases) {
    const draft = drafts.find((candidate) => fits(one, candidate));
    if (draft === undefined) {
      drafts.push({ when: { ...one.when }, cases: [one] });
    } else {
      draft.cases.push(one);
      Object.assign(draft.when, one.when);
    }
  }
  return drafts.map((draft, index) => ({
    id: `${type}-${index}`,
    when: draft.when,
    cases: Map.groupBy(draft.cases, ({ property }) => property),
  }));
}

function fits({ alone, when = {} }: Case, draft: Draft): boolean {
  const isAlone = alone || draft.cases.some((other) => other.alone);
  return !isAlone && Object.entries(when).every(([name, choice]) => (draft.when[name] ?? choice) === choice);
}

/** A saved node with an invalid value. */
export interface StoredCase {
  readonly id: string;
  readonly type: string;
  readonly one: Case;
}

/** A node for each case of each type. */
export function storedCases(types: Readonly<Record<string, CasesOfType>>): readonly StoredCase[] {
  return Object.entries(types).flatMap(([type, { cases }]) =>
    cases
      .filter(({ isCredential }) => !isCredential)
      .map((one, index) => ({ id: `${type}-stored-${index}`, type, one })),
  );
}

/** The flow with a node for each round and, in a separate tab, one for each case. */
export function flowOf(types: Readonly<Record<string, CasesOfType>>): object[] {
  const inForms = Object.entries(types).flatMap(([type, of], column) =>
    roundsOf(type, of).map(({ id }, row) =>
      nodeOf(type, { id, z: "tab", x: 200 + 220 * column, y: 40 + 50 * row, ...of.base }),
    ),
  );
  const stored = storedCases(types).map(({ id, type, one }, index) => {
    const place = { z: "stored", x: 200 + 220 * (index % 10), y: 40 + 50 * Math.floor(index / 10) };
    return nodeOf(type, { id, ...place, ...types[type]?.base, ...one.when, ...storedValue(one) });
  });
  return [
    { id: "tab", type: "tab", label: "reasons" },
    { id: "stored", type: "tab", label: "stored" },
    { id: "aws", type: "lightly-aws-account", name: "aws" },
    { id: "broken", type: "lightly-aws-account", name: "broken", region: "Frankfurt" },
    { id: "lightly", type: "lightly-account", name: "lightly" },
    { id: "pexels", type: "lightly-pexels-account", name: "pexels" },
    ...inForms,
    ...stored,
  ];
}

function nodeOf(type: string, { z, x, y, ...values }: Readonly<Record<string, unknown>>): object {
  const node = { type, name: values.id, ...values };
  return type.endsWith("-account") ? node : { ...node, z, x, y, wires: [] };
}

function storedValue({ property, bad, stored, as }: Case): object {
  const key = property === "environment" || property === "metadata" ? "name" : "key";
  const written = typeof bad === "string" ? bad : bad.map(([name, value]) => ({ [key]: name, value }));
  return { [property]: stored ?? written, ...(as === undefined ? {} : { [`${property}Type`]: as }) };
}
