import assert from "node:assert/strict";
import path from "node:path";
import type { Setup } from "../../judge.ts";
import { judgeEnvironment } from "../../judge-environment.ts";
import { type ProcessEnd, runProcess } from "../../run-process.ts";

/** The AWS CLI; each call is a process. */
export interface Cli {
  /** Resolves with the result of a successful or failed call. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<ProcessEnd>;
  /** Resolves with the output; rejects if the exit code is not 0. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
  /** The same, as JSON. */
  json<T>(args: readonly string[]): Promise<T>;
  /** Rejects unless the call fails with `code` of the service. */
  refused(args: readonly string[], code: string, environment?: Readonly<Record<string, string>>): Promise<void>;
}

export function createCli(setup: Setup): Cli {
  const inherited = judgeEnvironment(setup);
  const start: Cli["start"] = async (args, environment = {}) =>
    await runProcess({
      command: path.join(path.dirname(setup.python), "aws"),
      args,
      environment: { ...inherited, AWS_PAGER: "", ...environment },
      cwd: setup.folder,
    });
  const run: Cli["run"] = async (args, environment = {}) => {
    const { code, stdout, stderr } = await start(args, environment);
    assert.equal(code, 0, `aws ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
    return stdout;
  };
  return {
    start,
    run,
    json: async (args) => JSON.parse(await run([...args, "--output", "json"])),
    async refused(args, code, environment = {}) {
      const end = await start(args, environment);
      assert.notEqual(end.code, 0, `aws ${args.join(" ")} was not refused: ${end.stdout.trim()}`);
      assert.match(end.stderr, new RegExp(`\\(${code.replaceAll(".", "\\.")}\\)`), "refused for another reason");
    },
  };
}
