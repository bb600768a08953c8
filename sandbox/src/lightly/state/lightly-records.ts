import type { Stored } from "./collection.ts";

/** The stored records. Times are milliseconds, except `processedUntil`: seconds. */
export interface Dataset extends Stored {
  readonly name: string;
  readonly type: "Images" | "Videos" | "Crops";
  readonly imgType?: string;
  readonly parentDatasetId?: string;
  readonly processedUntil: number;
  readonly lastModifiedAt: number;
}

export interface Datasource extends Stored {
  readonly datasetId: string;
  readonly config: DatasourceConfig;
}

export interface DatasourceConfig {
  readonly purpose: "INPUT" | "LIGHTLY" | "INPUT_OUTPUT";
  readonly type: string;
  readonly fullPath: string;
  readonly thumbSuffix?: string;
  readonly s3Region?: string;
  readonly s3AccessKeyId?: string;
  readonly s3SecretAccessKey?: string;
  readonly [field: string]: unknown;
}

export const WORKER_STATES = ["OFFLINE", "CRASHED", "IDLE", "BUSY"] as const;

export interface Worker extends Stored {
  readonly name: string;
  readonly labels: readonly string[];
  readonly state: (typeof WORKER_STATES)[number];
  readonly isDefault?: boolean;
  readonly dockerVersion?: string;
  readonly lastModifiedAt: number;
}

export interface WorkerConfig extends Stored {
  readonly config: Readonly<Record<string, unknown>>;
}

/** From the most urgent to the least. */
export const PRIORITIES = ["CRITICAL", "HIGH", "MID", "LOW"] as const;
export const SCHEDULE_STATES = ["OPEN", "LOCKED", "DONE", "CANCELED"] as const;
export type ScheduleState = (typeof SCHEDULE_STATES)[number];

export interface Scheduled extends Stored {
  readonly datasetId: string;
  readonly configId: string;
  readonly priority: (typeof PRIORITIES)[number];
  readonly runsOn: readonly string[];
  readonly state: ScheduleState;
  /** The worker that locked it. */
  readonly owner?: string;
  readonly lastModifiedAt: number;
}

const END_STATES = ["COMPLETED", "FAILED", "CRASHED", "ABORTED"] as const;
export const RUN_STATES = [
  "STARTED",
  "INITIALIZING",
  "LOADING_DATASET",
  "LOADING_METADATA",
  "LOADING_PREDICTION",
  "CHECKING_CORRUPTNESS",
  "INITIALIZING_OBJECT_CROPS",
  "COMPUTING_METADATA",
  "TRAINING",
  "EMBEDDING",
  "EMBEDDING_OBJECT_CROPS",
  "PRETAGGING",
  "COMPUTING_ACTIVE_LEARNING_SCORES",
  "SAMPLING",
  "EMBEDDING_FULL_IMAGES",
  "SAVING_RESULTS",
  "UPLOADING_DATASET",
  "GENERATING_REPORT",
  "UPLOADING_REPORT",
  "UPLOADED_REPORT",
  "UPLOADING_ARTIFACTS",
  "UPLOADED_ARTIFACTS",
  ...END_STATES,
] as const;
export type RunState = (typeof RUN_STATES)[number];

export interface Run extends Stored {
  readonly dockerVersion: string;
  readonly state: RunState;
  readonly datasetId?: string;
  readonly configId?: string;
  readonly scheduledId?: string;
  readonly message?: string;
  /** When the worker made its latest report, by the worker's clock. */
  readonly reportedAt?: number;
  readonly lastModifiedAt: number;
}

export const hasEnded = (run: Run): boolean => END_STATES.some((state) => state === run.state);

export interface LogBatch extends Stored {
  readonly runId: string;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}

export interface Artifact extends Stored {
  readonly runId: string;
  readonly fileName: string;
  readonly type: string;
  readonly storageLocation: "LIGHTLY" | "DATASOURCE";
  readonly isUploaded: boolean;
}

export interface Tag extends Stored {
  readonly datasetId: string;
  readonly prevTagId: string | null;
  readonly name: string;
  readonly bitMaskData: string;
  readonly totSize: number;
  readonly lastModifiedAt: number;
  readonly queryTagId?: string;
  readonly preselectedTagId?: string;
  readonly runId?: string;
  readonly changes?: readonly unknown[];
}

export interface SampleFields {
  readonly fileName: string;
  readonly thumbName?: string;
  readonly exif?: Readonly<Record<string, unknown>>;
  readonly metaData?: Readonly<Record<string, unknown>>;
  readonly customMetaData?: Readonly<Record<string, unknown>>;
  readonly videoFrameData?: Readonly<Record<string, unknown>>;
  readonly cropData?: Readonly<Record<string, unknown>>;
}

export interface Sample extends Stored, SampleFields {
  readonly datasetId: string;
  readonly type: "IMAGE" | "VIDEO_FRAME" | "CROP";
  /** The sample's bit in the tags of its dataset. */
  readonly index: number;
  readonly lastModifiedAt: number;
}

export interface Embedding extends Stored {
  readonly datasetId: string;
  readonly name: string;
}

export interface Embedding2d extends Stored {
  readonly datasetId: string;
  readonly embeddingId: string;
  readonly name: string;
  readonly dimensionalityReductionMethod: string;
  readonly coordinatesDimension1: readonly number[];
  readonly coordinatesDimension2: readonly number[];
}

/** Work that Lightly's own servers would do in the background. */
export interface Job extends Stored {
  readonly datasetId: string;
  readonly jobType: "EMBEDDINGS2D";
}

/** Which values of the samples' custom metadata are shown, and how. */
export interface MetadataConfiguration extends Stored {
  readonly datasetId: string;
  readonly name: string;
  readonly configs: readonly unknown[];
  readonly lastModifiedAt: number;
}

export interface PredictionTask extends Stored {
  readonly datasetId: string;
  readonly schema: { readonly name: string; readonly [field: string]: unknown };
}

/** All predictions of one sample; its id is the sample's. */
export interface SamplePredictions extends Stored {
  readonly datasetId: string;
  readonly singletons: ReadonlyArray<{ readonly taskName: string; readonly [field: string]: unknown }>;
}

/** One active learning score for each sample of a tag, or for each sample of the dataset. */
export interface Scores extends Stored {
  readonly datasetId: string;
  readonly tagId?: string;
  readonly taskName?: string;
  readonly scoreType: string;
  readonly scores: readonly number[];
}

/** Who else may use a dataset. */
export interface AccessConfig extends Stored {
  readonly datasetId: string;
  readonly accessType: string;
  readonly users: readonly string[];
  readonly teams: readonly string[];
  readonly lastModifiedAt: number;
}
