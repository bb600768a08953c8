import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

/** The folder of the objects' bytes. A file is written once, never changed, and removed when it is no longer used. */
export class DataFiles {
  readonly #dir: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  newName(): string {
    return randomUUID();
  }

  path(name: string): string {
    return path.join(this.#dir, name);
  }

  names(): string[] {
    return readdirSync(this.#dir);
  }

  /** Keeps files readable, even when their object is replaced in the meantime, until the returned function is called. */
  retain(names: readonly string[]): () => void {
    for (const name of names) {
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    }
    return () => {
      for (const name of names) {
        const left = (this.#readers.get(name) ?? 1) - 1;
        if (left > 0) {
          this.#readers.set(name, left);
        } else {
          this.#readers.delete(name);
          if (this.#doomed.delete(name)) {
            this.#remove(name);
          }
        }
      }
    };
  }

  /** Removes files, those being read as soon as they no longer are. */
  discard(names: readonly string[]): void {
    for (const name of names) {
      if (this.#readers.has(name)) {
        this.#doomed.add(name);
      } else {
        this.#remove(name);
      }
    }
  }

  #remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }
}
