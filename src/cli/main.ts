#!/usr/bin/env node
import { check } from "./check.ts";

const HELP = `Usage: node-red-contrib-lightly-aws check [FILE] [options]

Checks what the Lightly nodes of a flow need: values, credentials, permissions, buckets, instances,
Lightly and Pexels. It changes nothing.

  FILE              a flow file or an export of Node-RED; default: the flows of the user directory
  --user-dir DIR    the user directory of Node-RED; default: ~/.node-red
  --flow NAME       only the flow with this name or id
  --env-file FILE   variables of the environment, one NAME=VALUE per line
  --json            the report as JSON
  --help            this text

Exit code: 0 without problems, 1 with problems, 2 if the check can't be made.`;

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === "check" && !args.includes("--help")) {
    return await check(args, { print: (line) => console.log(line), width: process.stdout.columns });
  }
  const isAsked = command === undefined || command === "--help" || args.includes("--help");
  (isAsked ? console.log : console.error)(isAsked ? HELP : `Unknown command: ${command}\n\n${HELP}`);
  return isAsked ? 0 : 2;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);
