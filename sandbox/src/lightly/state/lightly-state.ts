import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Collection } from "./collection.ts";
import type * as records from "./lightly-records.ts";

/** The state that survives a restart, in one directory. */
export interface LightlyState {
  readonly datasets: Collection<records.Dataset>;
  readonly datasources: Collection<records.Datasource>;
  readonly workers: Collection<records.Worker>;
  readonly configs: Collection<records.WorkerConfig>;
  readonly schedules: Collection<records.Scheduled>;
  readonly runs: Collection<records.Run>;
  readonly logs: Collection<records.LogBatch>;
  readonly artifacts: Collection<records.Artifact>;
  readonly tags: Collection<records.Tag>;
  readonly samples: Collection<records.Sample>;
  readonly embeddings: Collection<records.Embedding>;
  readonly blobDir: string;
  /** Signs public tokens: issued links stay valid after a restart. */
  readonly signingKey: Buffer;
}

export function openLightlyState(dir: string): LightlyState {
  const at = (name: string) => path.join(dir, name);
  mkdirSync(at("blobs"), { recursive: true, mode: 0o700 });
  return {
    datasets: new Collection<records.Dataset>(at("datasets"), "name"),
    datasources: new Collection<records.Datasource>(at("datasources"), "datasetId"),
    workers: new Collection<records.Worker>(at("workers"), "name"),
    configs: new Collection<records.WorkerConfig>(at("configs"), "id"),
    schedules: new Collection<records.Scheduled>(at("schedules"), "datasetId"),
    runs: new Collection<records.Run>(at("runs"), "scheduledId"),
    logs: new Collection<records.LogBatch>(at("logs"), "runId"),
    artifacts: new Collection<records.Artifact>(at("artifacts"), "runId"),
    tags: new Collection<records.Tag>(at("tags"), "datasetId"),
    samples: new Collection<records.Sample>(at("samples"), "datasetId"),
    embeddings: new Collection<records.Embedding>(at("embeddings"), "datasetId"),
    blobDir: at("blobs"),
    signingKey: signingKey(at("signing-key")),
  };
}

function signingKey(file: string): Buffer {
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(32), { mode: 0o600 });
  }
  return readFileSync(file);
}
