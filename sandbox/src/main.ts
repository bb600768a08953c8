import { parseArgs } from "node:util";
import { FAULT_HELP, operationHelp } from "./faults/fault-help.ts";
import { createFaults } from "./faults/faults.ts";
import { applyFaultText } from "./faults/parse-fault.ts";
import { wipeInstallation } from "./installation.ts";
import { DEFAULT_DELAYS, type Delays } from "./instances/delays.ts";
import { shellWord } from "./instances/shims.ts";
import { untilShutdownSignal } from "./shutdown-signal.ts";

const help =
  (): string => `A local stand-in for S3, EC2, SSM, Batch, STS, the Lightly API and Pexels, on 127.0.0.1 only.

Usage: lightly-aws-sandbox [options], or in a checkout: npm run sandbox -- [options]
  --state DIR                     state directory (.sandbox/alone)
  --wipe                          delete the state directory first
  --aws-port N                    4570; 0: any free port
  --lightly-port N                4571
  --pexels-port N                 4572
  --videos DIR                    use these videos instead of generated clips
  --worker stand-in|instant       instant: each run completes immediately, nothing is decoded
  --delay NAME=MS                 NAME is one of
                    ${Object.keys(DEFAULT_DELAYS)
                      .map((name) => name.replace(/Ms$/, ""))
                      .join(", ")}
${FAULT_HELP}
  --quiet                         do not print events
  --help

It prints the variables that Node-RED needs as export lines on standard output, and events on standard error.
Scripts sent through SSM really run as the user who started the sandbox. An instance is a folder: in a command,
/home/ubuntu is replaced by DIR/instances/ID/home/ubuntu. Ctrl-C stops everything.

${operationHelp()}`;

/** The delays of `--delay NAME=MS`, with or without the `Ms` at the end of the name. */
function delaysFrom(texts: readonly string[]): Partial<Delays> {
  const delays: Partial<Delays> = {};
  for (const text of texts) {
    const match = /^(\w+?)(?:Ms)?=(\d+)$/.exec(text);
    const name = Object.keys(DEFAULT_DELAYS).find((one) => one === `${match?.[1]}Ms`);
    if (match === null || name === undefined) {
      throw new Error(`--delay ${text}: use NAME=MILLISECONDS, e.g. start=0; see --help for the names.`);
    }
    delays[name as keyof Delays] = Number(match[2]);
  }
  return delays;
}

function portFrom(text: string, option: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new Error(`--${option} must be a port number, 0 to 65535, not ${text}.`);
  }
  return port;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      state: { type: "string", default: ".sandbox/alone" },
      "aws-port": { type: "string", default: "4570" },
      "lightly-port": { type: "string", default: "4571" },
      "pexels-port": { type: "string", default: "4572" },
      videos: { type: "string" },
      worker: { type: "string", default: "stand-in" },
      delay: { type: "string", multiple: true, default: [] },
      fault: { type: "string", multiple: true, default: [] },
      wipe: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help());
    return;
  }
  const { worker } = values;
  if (worker !== "stand-in" && worker !== "instant") {
    throw new Error(`--worker must be stand-in or instant, not ${worker}.`);
  }
  const delays = delaysFrom(values.delay);
  const ports = {
    aws: portFrom(values["aws-port"], "aws-port"),
    lightly: portFrom(values["lightly-port"], "lightly-port"),
    pexels: portFrom(values["pexels-port"], "pexels-port"),
  };
  for (const fault of values.fault) {
    applyFaultText(createFaults(), fault); // Validated before anything is started.
  }
  if (values.wipe) {
    wipeInstallation(values.state);
  }
  const ended = untilShutdownSignal();
  // Imported only now: video codecs take a while to load, and --help does not need them.
  const { startSandbox } = await import("./start-sandbox.ts");
  const sandbox = await startSandbox({
    stateDir: values.state,
    ports,
    delays,
    worker,
    ...(values.videos === undefined ? {} : { videosDir: values.videos }),
    ...(values.quiet ? {} : { log: (line) => process.stderr.write(`${line}\n`) }),
  });
  try {
    for (const fault of values.fault) {
      applyFaultText(sandbox.faults, fault);
    }
    for (const [name, value] of Object.entries(sandbox.environment)) {
      process.stdout.write(`export ${name}=${shellWord(value)}\n`);
    }
    process.stderr.write(
      `The sandbox is ready: AWS ${sandbox.endpoints.aws}, Lightly ${sandbox.endpoints.lightly}, Pexels ${sandbox.endpoints.pexels}\n`,
    );
    await ended;
  } finally {
    await sandbox.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
