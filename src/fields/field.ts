import type { ErrorCode } from "../errors/error-codes.ts";
import type { LookUp } from "./look-up.ts";
import type { PairRules } from "./rules/pairs.ts";
import type { ReadProperty, Rule } from "./rules/rule.ts";

/** When something is shown: each named property has one of the given values. */
export type Conditions = Readonly<Record<string, readonly string[]>>;

/** A sentence below a field: a key under `hint` of the node's catalog. */
export interface Hint {
  readonly key: string;
  readonly when?: Conditions;
}

/** A sentence below a field while its value is valid, but probably a mistake. */
export interface Warning {
  /** A key under `warning` of the node's catalog. */
  readonly key: string;
  readonly applies: (read: ReadProperty) => boolean;
}

/** What may be typed into a typed input: a string, a number, JSON in the input, or JSON in an editor below it. */
export type Literal = "str" | "num" | "json" | "json-below";

/** How a field looks in the form. */
export interface Look {
  /** The name of an icon of Font Awesome 4, without `fa-`. */
  readonly icon?: string;
  /** The text that an empty input shows; `true` for the text under `placeholder` of the catalog. */
  readonly placeholder?: string | true;
  /** The sentences below the field; `true` for the sentence with the field's name as its key. */
  readonly hint?: true | readonly Hint[];
  readonly warning?: Warning;
  /** A heading above the field: a key under `heading` of the catalog. */
  readonly heading?: string;
  /** Whether the field is in the section Advanced. */
  readonly advanced?: boolean;
  /** The field whose row contains this field's input. */
  readonly inRowOf?: string;
  /** The name of the file with a row that follows this field and belongs to no field. */
  readonly followedBy?: string;
  /** A key of the catalog for the label, if it is not `<type>.label.<field>`. */
  readonly label?: string;
  readonly lookUp?: LookUp;
  /** Whether a button fills in a random id. */
  readonly generated?: true;
  /** What is offered while the user types. */
  readonly suggest?: (typed: string) => readonly string[];
}

/** The meaning of a value, in addition to its kind. */
export interface Meaning {
  /** The value for a flow of an older release that does not have the field, if it is not the default. */
  readonly whenAbsent?: unknown;
  /** When the field applies. A field that does not apply is not shown and not checked. */
  readonly when?: Conditions;
  readonly required?: boolean;
  /** The error code of the runtime if the field is required and blank; default `INPUT_INVALID`. */
  readonly missingCode?: ErrorCode;
  /** The environment variable that is used if the field is blank. One of both is required. */
  readonly fallback?: string;
  /** Whether errors must not repeat the value. */
  readonly confidential?: boolean;
}

/** The unit of a field, and the unit to which the runtime converts it: `timeoutMinutes` is read as `timeoutMs`. */
export interface Unit {
  readonly suffix: string;
  readonly readAs: string;
  readonly factor: number;
}

export type Kind = "text" | "list" | "number" | "json" | "any" | "choice" | "flag" | "pairs" | "account" | "secret";

/**
 * A field of a node. Form, validation, runtime and help are generated from it.
 *
 * @typeParam T - the type that the runtime reads
 * @typeParam U - the unit, if the runtime converts it
 */
export interface Field<T = unknown, U extends Unit | undefined = Unit | undefined> extends Look, Meaning {
  readonly kind: Kind;
  /** The default, as a flow stores it. */
  readonly value: unknown;
  /** The rule for a text that is not blank, or for each item of a list. */
  readonly rule?: Rule;
  /** Whether the value may also come from the message, the context, the environment or JSONata. */
  readonly typed?: { readonly literal: Literal; readonly from: string };
  /** The choices, with the keys of their texts under `option` of the catalog; `null` for a choice that is its own text. */
  readonly choices?: Readonly<Record<string, string | null>>;
  readonly unit?: U;
  readonly isWhole?: boolean;
  readonly limits?: { readonly min?: number; readonly max?: number };
  readonly pairs?: PairRules;
  /** Account: the type of its node. Secret: whether the form shows it. */
  readonly accountType?: string;
  readonly secretType?: "text" | "password";
  /** List: the separator of its items; default commas and line breaks. */
  readonly separator?: RegExp;
  /** The form shows the stored fraction as a percentage. */
  readonly isPercent?: boolean;
  /** Only for the compiler. */
  readonly reads?: readonly [T];
}

/** The fields of a node in the order of its form, by the names of their properties. */
export type Fields = Readonly<Record<string, Field>>;

/** Returns whether a field is shown with the current choices. */
export function isShown({ when = {} }: { readonly when?: Conditions }, read: ReadProperty): boolean {
  return Object.entries(when).every(([property, values]) => values.includes(String(read(property) ?? "")));
}
