import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { CACHE_DIR } from "./cache-folder.ts";

/** Loaded before all tests: the specs start some hundred processes, most of them a Node-RED, which need not compile the same modules again. */
process.env.NODE_COMPILE_CACHE ??= join(CACHE_DIR, "compiled");
enableCompileCache(process.env.NODE_COMPILE_CACHE);
