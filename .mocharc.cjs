const { availableParallelism } = require("node:os");

module.exports = {
  extension: ["ts"],
  require: ["./test/support/compile-cache.ts", "./test/support/make-shared.ts", "./test/allow-loopback.ts"],
  timeout: 40000,
  exit: false,
  // Used with --parallel. More than processors, because specs also wait.
  jobs: availableParallelism() + 2,
};
