import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkFlow } from "../check/check-flow.ts";
import { type FlowFile, readFlowFile } from "../check/flow-file/flow-file.ts";
import { reportLines } from "./report-lines.ts";

/** Where the command writes. */
export interface Terminal {
  readonly print: (line: string) => void;
  /** Columns; undefined without a terminal. */
  readonly width?: number | undefined;
}

/**
 * The command `check`.
 *
 * @param args - without the name of the command
 * @returns the exit code: 1 if there is a problem, else 0
 * @throws Error for arguments or a file that can't be used
 */
export async function check(args: readonly string[], { print, width }: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "user-dir": { type: "string" },
      flow: { type: "string" },
      "env-file": { type: "string" },
      json: { type: "boolean" },
    },
  });
  if (values["env-file"] !== undefined) {
    process.loadEnvFile(values["env-file"]);
  }
  const file = await readFlowFile(positionals[0] ?? values["user-dir"] ?? join(homedir(), ".node-red"));
  const nodes = nodesOf(file, values.flow);
  const report = await checkFlow(nodes);
  if (values.json) {
    print(JSON.stringify(report, undefined, 2));
  } else {
    for (const line of reportLines(report, { file: file.path, width })) {
      print(line);
    }
  }
  return report.status === "problem" ? 1 : 0;
}

function nodesOf({ path, flows, nodes }: FlowFile, wanted: string | undefined) {
  const isStep = ({ type }: { type: string }): boolean => !type.endsWith("-account");
  if (wanted === undefined) {
    if (!nodes.some(isStep)) {
      throw new Error(`${path} has no step of this package.`);
    }
    return nodes;
  }
  const flow = flows.find(({ id, name }) => id === wanted || name === wanted);
  if (flow === undefined) {
    throw new Error(
      `${path} has no flow "${wanted}". Its flows: ${flows.map(({ name, id }) => name || id).join(", ")}.`,
    );
  }
  return nodes.filter((node) => !isStep(node) || node.flowId === flow.id);
}
