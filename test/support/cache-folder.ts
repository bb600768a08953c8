import { join } from "node:path";

/** What all processes of the tests share. It is removed with `node_modules`. */
export const CACHE_DIR = join(import.meta.dirname, "../../node_modules/.cache");
