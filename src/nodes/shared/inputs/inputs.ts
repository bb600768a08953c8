import { PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import { type Field, type Fields, isShown } from "../../../fields/field.ts";
import type { ReadProperty } from "../../../fields/rules/rule.ts";
import { readName, type Values } from "../../../fields/values.ts";
import { variableIn } from "../../../fields/variable.ts";
import type { Message, Node, NodeAPI, StepDef } from "../node-red.ts";
import { isBlank, missingError, parseField } from "./parse-field.ts";

export interface InputsOptions {
  /** Use the default of a number or choice that is not valid, and warn once: a step that cleans up must not fail because of a time limit. */
  readonly toleratesInvalid?: boolean;
}

const REFERENCE = /\$\{([^${}]+)\}/g;

/**
 * Reads the fields of a node for one message according to its table. A typed field may come from the message, the context, the environment
 * or JSONata.
 *
 * ```ts
 * const { bucket, timeoutMs } = await inputs.read(fields, "bucket", "timeoutMinutes");
 * ```
 */
export class Inputs {
  readonly #red: NodeAPI;
  readonly #node: Node;
  readonly #def: StepDef;
  readonly #msg: Message;
  readonly #toleratesInvalid: boolean;
  /** The fields whose default is used. Absent if there is none, to save memory. */
  #warned: Set<string> | undefined;

  constructor(red: NodeAPI, node: Node, def: StepDef, msg: Message, options: InputsOptions = {}) {
    this.#red = red;
    this.#node = node;
    this.#def = def;
    this.#msg = msg;
    this.#toleratesInvalid = options.toleratesInvalid ?? false;
  }

  /**
   * Returns the values of fields. A field that does not apply with the current choices has its default. If it is required and has no
   * default, it must not be read.
   *
   * @throws PipelineError `INPUT_INVALID`, `VARIABLE_UNDEFINED` or the code of the field's rule, naming the field
   */
  async read<F extends Fields, N extends keyof F & string>(
    fields: F,
    ...names: readonly N[]
  ): Promise<Values<Pick<F, N>>> {
    const entries: [string, unknown][] = [];
    for (const name of names) {
      const field = fields[name] as Field;
      entries.push([
        readName(name, field),
        await this.#readTolerantly(name, field, (property) => this.#stored(fields, property)),
      ]);
    }
    return Object.fromEntries(entries) as Values<Pick<F, N>>;
  }

  async #readTolerantly(name: string, field: Field, read: ReadProperty): Promise<unknown> {
    try {
      return await this.#read(name, field, read);
    } catch (error) {
      const hasDefault = (field.kind === "number" || field.kind === "choice") && !isBlank(field.value);
      if (!this.#toleratesInvalid || !hasDefault) {
        throw error;
      }
      if (!this.#warned?.has(name)) {
        this.#warned ??= new Set();
        this.#warned.add(name);
        this.#node.warn(`${toPipelineError(error).message} The default ${String(field.value)} is used.`);
      }
      return parseField({ who: this.#who(), name, field, value: field.value, read });
    }
  }

  async #read(name: string, field: Field, read: ReadProperty): Promise<unknown> {
    const options = { who: this.#who(), name, field, read };
    if (!isShown(field, read)) {
      const isMissing = field.required && isBlank(field.value) && field.kind !== "pairs";
      if (isMissing) {
        throw missingError(options);
      }
      return parseField({ ...options, field: { ...field, required: false, pairs: undefined }, value: field.value });
    }
    const value = await this.#value(name, field);
    if (value === undefined && field.required && field.kind !== "pairs" && field.kind !== "any") {
      throw this.#missing(options);
    }
    return parseField({ ...options, value });
  }

  /** The value of a field, evaluated if it is typed; undefined if it is blank or absent. */
  async #value(name: string, field: Field): Promise<unknown> {
    const isAbsent = this.#def[name] === undefined || this.#def[name] === null;
    const raw = isAbsent ? (field.whenAbsent ?? field.value) : this.#def[name];
    const type = this.#def[`${name}Type`] ?? (isAbsent ? field.typed?.from : undefined);
    this.#refuseUndefinedVariables(name, raw, type);
    if (isBlank(raw)) {
      // Not evaluated: a blank number would be 0, and a blank property the whole message.
      return undefined;
    }
    const value = typeof type === "string" && type !== "str" ? await this.#evaluate(name, raw, type) : raw;
    return value === "" || value === null ? undefined : value;
  }

  #stored(fields: Fields, property: string): unknown {
    const field = fields[property];
    const value = this.#def[property];
    return isBlank(value) ? (field?.whenAbsent ?? field?.value) : value;
  }

  #missing(options: { readonly who: string; readonly name: string; readonly field: Field }): PipelineError {
    const { name } = options;
    const type = this.#def[`${name}Type`];
    const raw = this.#def[name];
    if (type === "env" && typeof raw === "string" && raw !== "") {
      return this.#undefinedVariable(name, raw);
    }
    return missingError(
      options,
      typeof type === "string" && type !== "str" && raw ? ` (${type}.${String(raw)} is empty)` : "",
    );
  }

  #undefinedVariable(field: string, name: string): PipelineError {
    return new PipelineError(
      "VARIABLE_UNDEFINED",
      `${this.#who()}: "${field}" refers to the environment variable ${name}, which is not set. Set it in the flow's properties or in the environment of Node-RED.`,
      { details: { field, variable: name } },
    );
  }

  /** Node-RED does not replace `${NAME}` or `$(NAME)` if NAME is not set, and removes `${NAME}` inside a longer text of type env. */
  #refuseUndefinedVariables(field: string, raw: unknown, type: unknown): void {
    if (typeof raw !== "string" || !(type === undefined || type === "str" || type === "env")) {
      return;
    }
    const whole = variableIn(raw);
    if (type !== "env" && whole === undefined) {
      return;
    }
    for (const name of whole === undefined ? [...raw.matchAll(REFERENCE)].map(([, found]) => found) : [whole]) {
      if (name !== undefined && this.#red.util.getSetting(this.#node, name) === undefined) {
        throw this.#undefinedVariable(field, name);
      }
    }
  }

  async #evaluate(field: string, raw: unknown, type: string): Promise<unknown> {
    try {
      // Some types throw, others pass their error to the callback. In a promise both reach `catch`.
      return await new Promise((resolve, reject) => {
        this.#red.util.evaluateNodeProperty(String(raw ?? ""), type, this.#node, this.#msg, (error, value) =>
          error ? reject(error) : resolve(value),
        );
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PipelineError(
        "INPUT_INVALID",
        `${this.#who()}: "${field}" could not be evaluated as ${type}: ${reason}.`,
        { details: { field } },
      );
    }
  }

  #who(): string {
    return this.#node.name || this.#node.type;
  }
}
