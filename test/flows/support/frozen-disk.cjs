/**
 * Loaded into a Node-RED before anything else (`--require`): while the file FROZEN_MARK has a system's error code in it, the folder
 * FROZEN_FOLDER takes no file, and no line in an existing one. With ENOSPC files can still be removed, with EROFS they can't.
 */
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");

const { FROZEN_FOLDER: folder, FROZEN_MARK: mark } = process.env;
const { readFileSync, existsSync } = fs;

function refusal(path, codes) {
  if (!String(path).startsWith(folder) || !existsSync(mark)) {
    return undefined;
  }
  const code = readFileSync(mark, "utf8");
  return codes.includes(code) ? Object.assign(new Error(`${code}: refused`), { code }) : undefined;
}

function patchCallback(name, codes, applies = () => true) {
  const real = fs[name];
  fs[name] = (path, ...rest) => {
    const error = applies(path, rest) ? refusal(path, codes) : undefined;
    return error ? process.nextTick(rest.at(-1), error) : real(path, ...rest);
  };
}

function patchSync(name, codes, applies = () => true) {
  const real = fs[name];
  fs[name] = (path, ...rest) => {
    const error = applies(path, rest) ? refusal(path, codes) : undefined;
    if (error) {
      throw error;
    }
    return real(path, ...rest);
  };
}

function patchPromise(name, codes) {
  const real = fs.promises[name];
  fs.promises[name] = async (path, ...rest) => {
    const error = refusal(path, codes);
    if (error) {
      throw error;
    }
    return real(path, ...rest);
  };
}

const BOTH = ["ENOSPC", "EROFS"];
const READ_ONLY = ["EROFS"];
/** Opens a file to append to it, or creates one. */
const writes = (path, [flags]) => (typeof flags === "number" ? (flags & 3) !== 0 : flags !== "r" && !existsSync(path));

patchCallback("open", BOTH, writes);
patchSync("openSync", BOTH, writes);
patchCallback("rename", READ_ONLY);
patchCallback("unlink", READ_ONLY);
for (const name of ["renameSync", "rmSync", "utimesSync"]) {
  patchSync(name, READ_ONLY);
}
for (const name of ["rm", "unlink"]) {
  patchPromise(name, READ_ONLY);
}
syncBuiltinESMExports();
