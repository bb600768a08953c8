import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Collection, type Stored } from "./collection.ts";
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
  readonly embeddings2d: Collection<records.Embedding2d>;
  readonly jobs: Collection<records.Job>;
  readonly metadataConfigurations: Collection<records.MetadataConfiguration>;
  readonly predictionTasks: Collection<records.PredictionTask>;
  readonly predictions: Collection<records.SamplePredictions>;
  readonly scores: Collection<records.Scores>;
  readonly accessConfigs: Collection<records.AccessConfig>;
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
    embeddings2d: new Collection<records.Embedding2d>(at("embeddings-2d"), "datasetId"),
    jobs: new Collection<records.Job>(at("jobs"), "datasetId"),
    metadataConfigurations: new Collection<records.MetadataConfiguration>(at("metadata-configurations"), "datasetId"),
    predictionTasks: new Collection<records.PredictionTask>(at("prediction-tasks"), "datasetId"),
    predictions: new Collection<records.SamplePredictions>(at("predictions"), "datasetId"),
    scores: new Collection<records.Scores>(at("scores"), "datasetId"),
    accessConfigs: new Collection<records.AccessConfig>(at("access-configs"), "datasetId"),
    blobDir: at("blobs"),
    signingKey: signingKey(at("signing-key")),
  };
}

/** Removes everything that belongs to a dataset, except its runs, which stay as history. */
export function removeContents(state: LightlyState, datasetId: string): void {
  const collections: ReadonlyArray<Pick<Collection<Stored>, "of" | "remove">> = [
    ...[state.datasources, state.tags, state.samples, state.schedules, state.embeddings, state.embeddings2d],
    ...[state.jobs, state.metadataConfigurations, state.predictionTasks, state.predictions, state.scores],
    state.accessConfigs,
  ];
  for (const collection of collections) {
    for (const { id } of collection.of(datasetId)) {
      collection.remove(id);
    }
  }
}

function signingKey(file: string): Buffer {
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(32), { mode: 0o600 });
  }
  return readFileSync(file);
}
