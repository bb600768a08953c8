import { inspect } from "node:util";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Message, Node, NodeAPI, StepDef } from "./node-red.ts";

/** In characters. */
const MAX_SHOWN_LENGTH = 60;
const REFERENCE = /\$\{([^${}]+)\}/g;

/** Limits of a number in a form. */
export interface NumberLimits {
  readonly fallback?: number;
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads the values of a step's form for one message: plain fields, and typed fields that may come from the message, the context,
 * the environment or JSONata. Nothing that comes from here is empty by accident: what is missing or of the wrong form is refused
 * with `INPUT_INVALID` or `VARIABLE_UNDEFINED`, naming the field.
 */
export class Inputs {
  readonly #red: NodeAPI;
  readonly #node: Node;
  readonly #def: StepDef;
  readonly #msg: Message;

  constructor(red: NodeAPI, node: Node, def: StepDef, msg: Message) {
    this.#red = red;
    this.#node = node;
    this.#def = def;
    this.#msg = msg;
  }

  /** The value of a field, evaluated if it is a typed one; blank and absent come out as undefined. */
  async value(field: string): Promise<unknown> {
    const raw = this.#def[field];
    const type = this.#def[`${field}Type`];
    this.#refuseUndefinedVariables(field, raw, type);
    if (this.isBlank(field)) {
      // Evaluated, a blank number would be 0 and a blank property the whole message.
      return undefined;
    }
    const value = typeof type === "string" && type !== "str" ? await this.#evaluate(field, raw, type) : raw;
    return value === "" || value === null ? undefined : value;
  }

  /** A value of any kind that must be there. */
  async required(field: string): Promise<unknown> {
    const value = await this.value(field);
    if (value === undefined) {
      throw this.#missing(field);
    }
    return value;
  }

  /** A text that must be there. */
  async text(field: string): Promise<string> {
    const text = await this.optionalText(field);
    if (text === undefined) {
      throw this.#missing(field);
    }
    return text;
  }

  async optionalText(field: string): Promise<string | undefined> {
    const value = await this.value(field);
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw this.#invalid(field, `must be a text, but is ${kindOf(value)}`);
    }
    const text = String(value).trim();
    return text === "" ? undefined : text;
  }

  /** A number, or a text that is one. */
  async number(field: string, { fallback, min = -Infinity, max = Infinity }: NumberLimits = {}): Promise<number> {
    const number = await this.optionalNumber(field, { min, max });
    const result = number ?? fallback;
    if (result === undefined) {
      throw this.#missing(field);
    }
    return result;
  }

  async optionalNumber(
    field: string,
    { min = -Infinity, max = Infinity }: NumberLimits = {},
  ): Promise<number | undefined> {
    const value = await this.value(field);
    if (value === undefined || (typeof value === "string" && value.trim() === "")) {
      return undefined;
    }
    const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : Number.NaN;
    if (!Number.isFinite(number) || number < min || number > max) {
      throw this.#invalid(field, `must be a number${range(min, max)}, but is ${shown(value)}`);
    }
    return number;
  }

  /** One of a few words; blank means the first. */
  async choice<T extends string>(field: string, choices: readonly [T, ...T[]]): Promise<T> {
    const text = (await this.optionalText(field)) ?? choices[0];
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) {
      throw this.#invalid(field, `must be one of ${choices.join(", ")}, but is ${shown(text)}`);
    }
    return chosen;
  }

  /** A checkbox; absent means `fallback`, so that nodes saved before the field existed keep working. */
  flag(field: string, fallback: boolean): boolean {
    const value = this.#def[field];
    return typeof value === "boolean" ? value : value === undefined || value === "" ? fallback : value === "true";
  }

  /** Whether the form has nothing in that field. */
  isBlank(field: string): boolean {
    const value = this.#def[field];
    return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
  }

  #missing(field: string): PipelineError {
    const type = this.#def[`${field}Type`];
    const raw = this.#def[field];
    if (type === "env" && typeof raw === "string" && raw !== "") {
      return this.#undefinedVariable(field, raw);
    }
    const from = typeof type === "string" && type !== "str" && raw ? ` (${type}.${String(raw)} is empty)` : "";
    return this.#invalid(field, `is missing${from}`);
  }

  #invalid(field: string, what: string): PipelineError {
    return new PipelineError("INPUT_INVALID", `${this.#who()}: "${field}" ${what}.`, { details: { field } });
  }

  #undefinedVariable(field: string, name: string): PipelineError {
    return new PipelineError(
      "VARIABLE_UNDEFINED",
      `${this.#who()}: "${field}" refers to the environment variable ${name}, which is not set. Set it in the flow's properties or in the environment of Node-RED.`,
      { details: { field, variable: name } },
    );
  }

  /** Node-RED leaves `${NAME}` as it is when NAME is not set, and replaces it by nothing inside a longer env text. */
  #refuseUndefinedVariables(field: string, raw: unknown, type: unknown): void {
    if (typeof raw !== "string" || !(type === undefined || type === "str" || type === "env")) {
      return;
    }
    const isWhole = /^\$\{[^}]+\}$/.test(raw);
    if (type !== "env" && !isWhole) {
      return;
    }
    for (const [, name] of raw.matchAll(REFERENCE)) {
      if (name !== undefined && this.#red.util.getSetting(this.#node, name) === undefined) {
        throw this.#undefinedVariable(field, name);
      }
    }
  }

  async #evaluate(field: string, raw: unknown, type: string): Promise<unknown> {
    try {
      // Some types throw at once, others hand their error to the callback: inside a promise both end in `catch`.
      return await new Promise((resolve, reject) => {
        this.#red.util.evaluateNodeProperty(String(raw ?? ""), type, this.#node, this.#msg, (error, value) =>
          error ? reject(error) : resolve(value),
        );
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.#invalid(field, `could not be evaluated as ${type}: ${reason}`);
    }
  }

  #who(): string {
    return this.#node.name || this.#node.type;
  }
}

function range(min: number, max: number): string {
  if (Number.isFinite(min) && Number.isFinite(max)) {
    return ` from ${min} to ${max}`;
  }
  return Number.isFinite(min) ? ` of at least ${min}` : Number.isFinite(max) ? ` of at most ${max}` : "";
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : Buffer.isBuffer(value) ? "a buffer" : `of type ${typeof value}`;
}

/** A value in a sentence, whatever it is: the message may have a circle, a BigInt or an object that throws. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? `"${value.slice(0, MAX_SHOWN_LENGTH)}"` : printed(value);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH - 3)}...` : text;
}

function printed(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  try {
    // Much of a large value would be made into a text for sixty characters of it.
    const options = { depth: 2, maxArrayLength: 10, maxStringLength: MAX_SHOWN_LENGTH, breakLength: Infinity };
    return inspect(value, { ...options, customInspect: false, getters: false, compact: true });
  } catch {
    return kindOf(value);
  }
}
