import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { untilShutdownSignal } from "lightly-aws-sandbox/installation";
import { makeExampleFolder } from "./local/example-folder.ts";
import { isFree } from "./local/free-port.ts";
import { CLIPS_DIR, startLocalStack } from "./local/local-stack.ts";
import { STATE_DIR } from "./local/package-root.ts";

const HELP = `npm start -- [options]

Starts the sandbox and Node-RED with the example flow. Click the inject button to run the pipeline; Ctrl-C stops everything.

  --videos DIR   your own videos instead of the generated clips
  --port N       Node-RED's port (1880)
  --state DIR    state directory of sandbox and Node-RED (.sandbox/start)
`;

const { values } = parseArgs({
  options: {
    videos: { type: "string" },
    port: { type: "string", default: "1880" },
    state: { type: "string", default: join(STATE_DIR, "start") },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  const port = Number(values.port);
  if (!(await isFree(port))) {
    throw new Error(
      `Port ${port} is in use. Stop the program that uses it, or choose another port: npm start -- --port 1881`,
    );
  }
  const ended = untilShutdownSignal();
  const stateDir = resolve(values.state);
  const folder = join(stateDir, "folder");
  const stack = await startLocalStack({
    stateDir,
    nodeRedPort: port,
    allNodes: true,
    environment: { PIPELINE_FOLDER: folder },
    log: console.log,
    onNodeRedLog: (line) => /\[(warn|error|info)\] \[/.test(line) && console.log(line),
    ...(values.videos === undefined ? {} : { videosDir: resolve(values.videos) }),
  });
  await makeExampleFolder(resolve(values.videos ?? CLIPS_DIR), folder);
  console.log(`
Node-RED is ready:  ${stack.nodeRed.url}
Sandbox:            AWS ${stack.sandbox.endpoints.aws}  Lightly ${stack.sandbox.endpoints.lightly}  Pexels ${stack.sandbox.endpoints.pexels}

Click the button of "run the pipeline", or: curl -X POST ${stack.nodeRed.url}/lightly-pipeline
Ctrl-C stops everything.
`);
  const died = stack.nodeRed.ended.then(() => "died" as const);
  const end = await Promise.race([ended, died]);
  console.log("Stopping Node-RED and the sandbox ...");
  await stack.close();
  if (end === "died") {
    throw new Error("Node-RED stopped unexpectedly; see its log above.");
  }
}

if (values.help) {
  console.log(HELP);
} else {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
