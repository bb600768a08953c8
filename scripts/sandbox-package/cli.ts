#!/usr/bin/env node
/** The program of the published sandbox: `lightly-aws-sandbox` starts the sandbox, `lightly-aws-sandbox demo` runs the pipeline in it. */
import process from "node:process";

const REQUIRED = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  console.error(`lightly-aws-sandbox needs Node.js ${REQUIRED.join(".")} or newer; this is ${process.versions.node}.`);
  process.exitCode = 1;
} else if (process.argv[2] === "demo") {
  const { prepareDemo } = await import("./demo-packages.ts");
  process.argv.splice(2, 1);
  if (await prepareDemo()) {
    await import("../demo.ts");
  }
} else {
  await import("lightly-aws-sandbox/main");
}
