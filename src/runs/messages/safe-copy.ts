import { types } from "node:util";
import { isSecretKey, MASK, maskSecrets } from "./mask-secrets.ts";

/** A part of a value that is not in its copy as it was, and why. */
export interface LeftOut {
  /** Names joined by dots: `payload.items.3`. */
  readonly path: string;
  readonly why: string;
}

/** A copy that JSON can hold. */
export interface SafeCopy {
  readonly value: unknown;
  readonly leftOut: readonly LeftOut[];
}

/** A message is for the journal, not an archive: what is beyond this stays out and is named. */
const MOST_VALUES = 5_000;
const MOST_CHARACTERS = 64 * 1024;
const MOST_BUFFER_BYTES = 1024;
const DEEPEST = 32;
/** A message of a thousand sockets needs no thousand names. */
const MOST_NAMES = 50;

/**
 * Copies a value for the disk. Secrets are masked; what JSON can't hold, or what is too much, is absent and named. A small Buffer
 * takes Node-RED's JSON form (`{ type: "Buffer", data: [...] }`). Never throws, whatever the value's getters do.
 *
 * @param absent - names at the top that are left out whatever they hold
 */
export function safeCopy(value: unknown, absent: readonly string[] = []): SafeCopy {
  const copier = new Copier(absent);
  return { value: copier.copy(value, []) ?? null, leftOut: copier.leftOut };
}

/** The same of an object that must stay one. */
export function safeObject(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copied = safeCopy({ value }).value as { value?: Record<string, unknown> };
  return copied.value ?? {};
}

/** A Node-RED message: `req` and `res` are an HTTP exchange, which ends with its connection. */
export function copyMessage(message: unknown): SafeCopy {
  return safeCopy(message, ["req", "res"]);
}

class Copier {
  readonly leftOut: LeftOut[] = [];
  readonly #absent: readonly string[];
  readonly #ancestors = new Set<object>();
  #values = 0;
  #characters = 0;

  constructor(absent: readonly string[]) {
    this.#absent = absent;
  }

  /** Undefined is what can't be copied. */
  copy(value: unknown, path: readonly string[]): unknown {
    this.#values += 1;
    if (this.#values > MOST_VALUES || path.length > DEEPEST) {
      return this.#leave(path, "too large");
    }
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
    this.#characters += text.length;
    if (this.#characters > MOST_CHARACTERS) {
      this.#characters -= text.length;
      return this.#leave(path, "too large");
    }
    const masked = maskSecrets(maskJson(text));
    if (masked !== text) {
      this.#name(path, "secret");
    }
    return masked;
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
      return value.toJSON();
    }
    if (types.isUint8Array(value)) {
      return this.#bytes(value, path);
    }
    if (Array.isArray(value)) {
      return this.#array(value, path);
    }
    if (!isPlain(value)) {
      return this.#leave(path, value.constructor?.name || "no plain object");
    }
    const copied: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const member = this.#member(value, key, [...path, key]);
      if (member !== undefined) {
        copied[key] = member;
      }
      if (this.#values > MOST_VALUES) {
        break;
      }
    }
    return copied;
  }

  #member(value: object, key: string, path: readonly string[]): unknown {
    if (key === "__proto__") {
      return this.#leave(path, "reserved name");
    }
    if (path.length === 1 && this.#absent.includes(key)) {
      return this.#leave(path, "part of an HTTP exchange");
    }
    let member: unknown;
    try {
      member = (value as Record<string, unknown>)[key];
    } catch {
      return this.#leave(path, "unreadable");
    }
    // A name may itself be a text with a secret, such as a URL.
    if (maskSecrets(key) !== key) {
      return this.#leave(path, "secret");
    }
    if (isSecretKey(key) && typeof member !== "boolean" && member !== null && member !== undefined) {
      this.#name(path, "secret");
      return MASK;
    }
    return this.copy(member, path);
  }

  #array(items: readonly unknown[], path: readonly string[]): unknown {
    const copied: unknown[] = [];
    for (const [index, item] of items.entries()) {
      if (this.#values > MOST_VALUES) {
        this.#name(path, "too large");
        break;
      }
      copied.push(this.copy(item, [...path, String(index)]) ?? null);
    }
    return copied;
  }

  /** Bytes can't be masked: those that read as a text with a secret stay out. */
  #bytes(bytes: Uint8Array, path: readonly string[]): unknown {
    if (bytes.length > MOST_BUFFER_BYTES) {
      return this.#leave(path, `${bytes.length} bytes`);
    }
    const text = Buffer.from(bytes).toString("latin1");
    if (maskSecrets(text) !== text) {
      return this.#leave(path, "secret");
    }
    this.#characters += bytes.length * 4;
    return { type: "Buffer", data: [...bytes] };
  }

  #leave(path: readonly string[], why: string): undefined {
    this.#name(path, why);
  }

  #name(path: readonly string[], why: string): void {
    if (this.leftOut.length < MOST_NAMES) {
      this.leftOut.push({ path: maskSecrets(path.join(".").slice(0, 200)), why });
    } else if (this.leftOut.length === MOST_NAMES) {
      this.leftOut.push({ path: "", why: "and more" });
    }
  }
}

/** JSON as a text hides its names from the masks of a text: `{"tokens":["..."]}`. Any other text comes back as it is. */
function maskJson(text: string): string {
  if (!/^\s*[[{]/.test(text)) {
    return text;
  }
  try {
    const { value, leftOut } = safeCopy(JSON.parse(text));
    return leftOut.some(({ why }) => why === "secret") ? JSON.stringify(value) : text;
  } catch {
    return text;
  }
}

/** Function nodes run in a realm of their own, so an object's prototype may be another `Object.prototype` than ours. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}
