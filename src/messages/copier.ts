import { types } from "node:util";
import { CopyBudget } from "./copy-budget.ts";
import { isSecretKey, MASK, maskSecrets } from "./mask-secrets.ts";
import { AND_MORE, MAX_NAME_LENGTH, type OmittedPart, omittedAt } from "./omitted-parts.ts";
import { classOf, isoDate, isPlain } from "./plain-object.ts";

/** The limits of a copy. Parts beyond them are omitted and named: the journal is not an archive. */
const MAX_VALUES = 5_000;
const MAX_CHARACTERS = 64 * 1024;
const MAX_BUFFER_BYTES = 1024;
const MAX_DEPTH = 32;
/** The maximum number of named parts, for messages with a thousand sockets. */
const MAX_NAMES = 50;
/** How deeply JSON texts inside JSON texts are checked. */
const MAX_JSON_DEPTH = 3;

/** Makes one copy: see `safeCopy`. */
export class Copier {
  readonly omitted: OmittedPart[] = [];
  /** Whether something was masked, including parts that {@link omitted} does not name because it is full. */
  hasSecret = false;
  /** Whether something was not read because of a limit. */
  isCut = false;
  readonly #absent: readonly string[];
  readonly #jsonDepth: number;
  readonly #budget: CopyBudget;
  readonly #ancestors = new Set<object>();

  constructor(absent: readonly string[], jsonDepth = 0) {
    this.#absent = absent;
    this.#jsonDepth = jsonDepth;
    // All values of JSON in a text must be checked. It has no more values than the text has characters.
    this.#budget = new CopyBudget({
      values: jsonDepth === 0 ? MAX_VALUES : MAX_CHARACTERS,
      characters: MAX_CHARACTERS,
    });
  }

  /** Undefined if the value can't be copied. */
  copy(value: unknown, path: readonly string[]): unknown {
    if (!this.#budget.countValue() || path.length > MAX_DEPTH) {
      return this.#leave(path, "too large");
    }
    return this.#value(value, path);
  }

  #value(value: unknown, path: readonly string[]): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value, path);
      case "number":
        return Number.isFinite(value) ? value : this.#leave(path, String(value));
      case "boolean":
      case "undefined":
        return value;
      case "object":
        return value === null ? null : this.#object(value, path);
      default:
        return this.#leave(path, typeof value);
    }
  }

  #text(text: string, path: readonly string[]): unknown {
    if (!this.#budget.countCharacters(text.length)) {
      return this.#leave(path, "too large");
    }
    const json = this.#maskedJson(text);
    if (json === undefined) {
      return this.#leave(path, "too large");
    }
    const masked = maskSecrets(json);
    if (masked !== text) {
      this.#name(path, "secret");
    }
    return masked;
  }

  /**
   * Masks JSON in a text, in which the patterns for texts do not find names: `{"tokens":["..."]}`. Other texts are returned unchanged.
   * Undefined if a text can't be checked completely.
   */
  #maskedJson(text: string): string | undefined {
    if (!/^\s*[[{]/.test(text)) {
      return text;
    }
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      return text;
    }
    if (this.#jsonDepth === MAX_JSON_DEPTH) {
      return undefined;
    }
    const inner = new Copier([], this.#jsonDepth + 1);
    const copied = inner.copy(content, []);
    return inner.isCut ? undefined : inner.hasSecret ? JSON.stringify(copied) : text;
  }

  #object(value: object, path: readonly string[]): unknown {
    if (this.#ancestors.has(value)) {
      return this.#leave(path, "circular");
    }
    this.#ancestors.add(value);
    try {
      return this.#members(value, path);
    } catch {
      return this.#leave(path, "unreadable");
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #members(value: object, path: readonly string[]): unknown {
    if (types.isDate(value)) {
      return isoDate(value);
    }
    if (types.isUint8Array(value)) {
      return this.#bytes(value, path);
    }
    if (Array.isArray(value)) {
      return this.#array(value, path);
    }
    if (!isPlain(value)) {
      return this.#leave(path, classOf(value));
    }
    const copied: [string, unknown][] = [];
    for (const key of Object.keys(value)) {
      if (this.#budget.isExceeded && this.#isCutAt(path)) {
        break;
      }
      const member = this.#member(value, key, [...path, key]);
      if (member !== undefined) {
        copied.push([key, member]);
      }
    }
    // Defines members instead of assigning them, so that no setter is called for any name.
    return Object.fromEntries(copied);
  }

  /** Omits the rest of an object as one part, but the members of the message itself by their names, up to the limit. */
  #isCutAt(path: readonly string[]): boolean {
    if (path.length > 0) {
      this.#leave(path, "too large");
    }
    return path.length > 0 || this.omitted.length > MAX_NAMES;
  }

  #member(value: object, key: string, path: readonly string[]): unknown {
    if (key === "__proto__") {
      return this.#leave(path, "reserved name");
    }
    if (path.length === 1 && this.#absent.includes(key)) {
      return this.#leave(path, "part of an HTTP exchange");
    }
    if (
      !this.#budget.countValue() ||
      path.length > MAX_DEPTH ||
      key.length > MAX_NAME_LENGTH ||
      !this.#budget.countCharacters(key.length)
    ) {
      return this.#leave(path, "too large");
    }
    let member: unknown;
    try {
      member = (value as Record<string, unknown>)[key];
    } catch {
      return this.#leave(path, "unreadable");
    }
    // A name may contain a secret, for example in a URL.
    if (maskSecrets(key) !== key) {
      return this.#leave(path, "secret");
    }
    if (isSecretKey(key) && typeof member !== "boolean" && member !== null && member !== undefined) {
      this.#name(path, "secret");
      return MASK;
    }
    return this.#value(member, path);
  }

  #array(items: readonly unknown[], path: readonly string[]): unknown {
    const copied: unknown[] = [];
    for (const [index, item] of items.entries()) {
      const value = this.#budget.isExceeded ? undefined : this.copy(item, [...path, String(index)]);
      // A part of a list must not be taken for the list.
      if (value === undefined && this.#budget.isUsedUp) {
        this.#leave(path, "too large");
        break;
      }
      copied.push(value ?? null);
    }
    return copied;
  }

  /** Bytes can't be masked: they are omitted if their text contains a secret. */
  #bytes(bytes: Uint8Array, path: readonly string[]): unknown {
    if (bytes.length > MAX_BUFFER_BYTES) {
      return this.#leave(path, `${bytes.length} bytes`);
    }
    // Each byte takes up to four characters as JSON.
    if (!this.#budget.countCharacters(bytes.length * 4)) {
      return this.#leave(path, "too large");
    }
    const text = Buffer.from(bytes).toString("latin1");
    if (maskSecrets(text) !== text) {
      return this.#leave(path, "secret");
    }
    return { type: "Buffer", data: [...bytes] };
  }

  #leave(path: readonly string[], why: string): undefined {
    this.#name(path, why);
  }

  #name(path: readonly string[], why: string): void {
    this.hasSecret ||= why === "secret";
    this.isCut ||= why === "too large";
    if (this.omitted.length < MAX_NAMES) {
      this.omitted.push(omittedAt(path, why));
    } else if (this.omitted.length === MAX_NAMES) {
      this.omitted.push(AND_MORE);
    }
  }
}
