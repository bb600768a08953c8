import { enableCompileCache } from "node:module";
import { join } from "node:path";

/** Loaded before all tests: the specs start some hundred processes, most of them a Node-RED, which need not compile the same modules again. */
const folder = join(import.meta.dirname, "../../node_modules/.cache/compiled");
process.env.NODE_COMPILE_CACHE ??= folder;
enableCompileCache(process.env.NODE_COMPILE_CACHE);
