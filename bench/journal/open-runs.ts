import { RunJournal } from "../../src/journal/run-journal.ts";
import type { StepRole } from "../../src/records/run-record.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import type { StepIdentity } from "../../src/runs/steps/step-origin.ts";
import type { RemoteWork } from "./remote-work.ts";

/** The step nodes of the example flow. */
const DOWNLOAD = node("a1f000000000010a", "lightly-pexels-download", "download", "download video");
const UPLOAD = node("a1f000000000010b", "lightly-s3-upload", "upload", "upload to S3");
const START = node("a1f000000000010c", "lightly-ec2-start", "start", "start instance");
const WORKER = node("a1f000000000010d", "lightly-ssm-run-script", "command", "run worker");
const SELECT = node("a1f0000000000110", "lightly-run", "select", "select 10 % of the frames");

type NodeOfFlow = ReturnType<typeof node>;
type Message = Record<string, unknown>;

/**
 * Writes the files of open runs, as a killed Node-RED leaves them. In each, a selection is scheduled and waited
 * for; in runs with a command the worker is running, and the others wait for the instance.
 */
export async function writeOpenRuns(folder: string, works: readonly RemoteWork[], instanceId: string): Promise<void> {
  const registry = new RunRegistry();
  const fail = (message: string): never => {
    throw new Error(message);
  };
  registry.attach(new RunJournal({ folder, warn: fail }));
  await Promise.all(works.map((work, index) => openRun(registry, `open-run-${index}`, work, instanceId)));
  await registry.flush();
}

async function openRun(registry: RunRegistry, runId: string, work: RemoteWork, instanceId: string): Promise<void> {
  const { datasetId, configId, scheduledRunId, command } = work;
  const trigger = { _msgid: runId, payload: Date.now(), topic: "" };
  const download = registry.begin(runId, DOWNLOAD, { message: trigger });
  const select = registry.begin(runId, SELECT, { message: trigger });
  const video = { id: 7, pageUrl: "https://www.pexels.com/video/7/", author: "an author", width: 1920, height: 1080 };
  const downloaded = { ...trigger, pexels: video, filename: `/tmp/${runId}/clip.mp4` };
  const upload = goOn(registry, download, downloaded, { pexels: video }, UPLOAD);
  const key = `videos/${runId}/clip.mp4`;
  const s3 = { bucket: "lightly-input", key, uri: `s3://lightly-input/${key}`, bytes: 4_000_000, etag: '"etag"' };
  const start = goOn(registry, upload, { ...downloaded, s3, payload: s3.uri }, { s3 }, START);

  select.events.emit({ kind: "selection", state: "awaited" });
  const saves = [select.saveCheckpoint({ datasetId, configId, scheduledRunId })];
  if (command) {
    saves.push(start.saveCheckpoint({ instanceIds: [instanceId], leased: true, foundRunning: [] }));
    const ec2 = { instanceIds: [instanceId], instances: [{ instanceId, state: "running", wasRunning: false }] };
    const worker = goOn(registry, start, { ...downloaded, s3, ec2, payload: ec2.instanceIds }, { ec2 }, WORKER);
    saves.push(worker.saveCheckpoint({ commandId: command.commandId, instanceIds: [command.instanceId] }));
    worker.events.emit({ kind: "command-started", ...command });
  }
  await Promise.all(saves);
}

function goOn(registry: RunRegistry, step: Step, message: Message, result: Message, next: NodeOfFlow): Step {
  step.recordSend(0, message, [next.nodeId]);
  step.complete(result);
  return registry.begin(step.runId, next, { message, parentStepId: step.record.stepId });
}

function node(nodeId: string, type: string, role: StepRole, name: string): StepIdentity {
  return { nodeId, type, role, name, alwaysRuns: false };
}
