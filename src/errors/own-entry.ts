/**
 * The entry of a table for a name that came from outside: a service's answer, a message, a file. A plain look-up would find what every
 * object inherits, such as `constructor`, and take a function for the entry.
 *
 * @returns undefined where the table has no entry of its own by that name
 */
export function ownEntry<T>(table: Readonly<Record<string, T>>, name: string | number | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
