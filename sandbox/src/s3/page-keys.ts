import { compareKeys } from "./names.ts";
import type { SortedKeys } from "./storage/sorted-keys.ts";

export interface PageQuery {
  readonly prefix: string;
  /** Empty: no grouping. */
  readonly delimiter: string;
  /** Only keys after this one. */
  readonly after: string;
  /** Whether `after` is a common prefix that an earlier page has listed, including all keys with that prefix. */
  readonly afterPrefix: boolean;
  readonly limit: number;
}

/** One line of a listing: a key, or all keys up to a delimiter as one. */
export interface PageItem {
  readonly kind: "key" | "prefix";
  readonly name: string;
}

export interface Page {
  readonly items: readonly PageItem[];
  /** Whether more items follow the last one. */
  readonly truncated: boolean;
}

/** Lists keys in their order, those with a delimiter after the prefix rolled up into common prefixes. */
export function pageKeys(keys: SortedKeys, query: PageQuery): Page {
  const { prefix, delimiter, after } = query;
  const items: PageItem[] = [];
  let index = Math.max(keys.firstFrom(prefix), query.afterPrefix ? keys.firstBehind(after) : firstAfter(keys, after));
  for (let key = keys.at(index); key?.startsWith(prefix); key = keys.at(index)) {
    if (items.length >= query.limit) {
      return { items, truncated: query.limit > 0 };
    }
    const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (at < 0) {
      items.push({ kind: "key", name: key });
      index += 1;
    } else {
      const name = key.slice(0, at + delimiter.length);
      items.push({ kind: "prefix", name });
      index = keys.firstBehind(name);
    }
  }
  return { items, truncated: false };
}

function firstAfter(keys: SortedKeys, after: string): number {
  const index = keys.firstFrom(after);
  const key = keys.at(index);
  return after !== "" && key !== undefined && compareKeys(key, after) === 0 ? index + 1 : index;
}
