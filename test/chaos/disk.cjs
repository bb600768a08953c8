/**
 * Loaded into a Node-RED before anything else (`--require`): while the file `CHAOS_DISK_FLAG` exists, nothing can be written below the
 * folder `CHAOS_DISK_FOLDER`. The file's text says how the disk refuses: `ENOSPC` takes new files and no content, `EROFS` takes nothing.
 * Works for root, too, whom no permission stops.
 */
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const { sep } = require("node:path");

const { CHAOS_DISK_FLAG: flag = "", CHAOS_DISK_FOLDER: folder = "" } = process.env;
const { readFileSync } = fs;
/** The files that were opened below the folder, by their descriptors. */
const opened = new Set();

const isBelow = (path) => String(path) === folder || String(path).startsWith(folder + sep);
const isForWriting = (flags = "r") => (typeof flags === "number" ? (flags & 3) !== 0 : /[wa+]/.test(flags));

function refusal() {
  try {
    return readFileSync(flag, "utf8").trim();
  } catch {
    return "";
  }
}

function failure(code, what) {
  return Object.assign(new Error(`${code}: injected, ${what}`), { code, syscall: what });
}

/** Has a function of the callback and of the synchronous kind fail when `why` has a code for its arguments. */
function refuse(name, why, onDone = () => {}) {
  const { [name]: plain, [`${name}Sync`]: plainSync } = fs;
  fs[name] = Object.assign((...given) => {
    const code = why(...given);
    const done = given.findLast((value) => typeof value === "function");
    if (code && done) {
      process.nextTick(done, failure(code, name));
      return;
    }
    const hears = (error, ...results) => {
      onDone(given, results[0]);
      done?.(error, ...results);
    };
    plain.apply(fs, given.with(given.lastIndexOf(done), hears));
  }, plain);
  fs[`${name}Sync`] = (...given) => {
    const code = why(...given);
    if (code) {
      throw failure(code, name);
    }
    const result = plainSync.apply(fs, given);
    onDone(given, result);
    return result;
  };
}

/** The same of the promises' kind. */
function refusePromised(name, why) {
  const { [name]: plain } = fs.promises;
  fs.promises[name] = (...given) => {
    const code = why(...given);
    return code ? Promise.reject(failure(code, name)) : plain.apply(fs.promises, given);
  };
}

const readOnly = (path) => (isBelow(path) && refusal() === "EROFS" ? "EROFS" : "");
const opening = (path, flags) => (isForWriting(flags) ? readOnly(path) : "");
const writing = (file) => (opened.has(file) ? refusal() : "");

refuse("open", opening, ([path, flags], file) => {
  if (typeof file === "number") {
    opened[isBelow(path) && isForWriting(flags) ? "add" : "delete"](file);
  }
});
refuse("write", writing);
refuse("writev", writing);
for (const name of ["rename", "unlink", "mkdir"]) {
  refuse(name, readOnly);
  refusePromised(name, readOnly);
}
syncBuiltinESMExports();
