const { availableParallelism } = require("node:os");

module.exports = {
  extension: ["ts"],
  require: [
    "./test/support/compile-cache.ts",
    "./test/support/make-shared.ts",
    "./test/allow-loopback.ts",
    "./test/support/restore-environment.ts",
    "./test/support/close-at-end.ts",
  ],
  // Longer than any test takes on a busy machine: only a test that hangs reaches it. Waits inside of tests end earlier, with their reason.
  timeout: 300_000,
  exit: false,
  // Used with --parallel. More than processors, because specs also wait.
  jobs: availableParallelism() + 2,
};
