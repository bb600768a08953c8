import type { Readable } from "node:stream";
import type { AwsCredentials } from "../aws/aws-service.ts";
import { unknown } from "./http/api-fault.ts";
import type { Dataset } from "./state/lightly-records.ts";
import type { LightlyState } from "./state/lightly-state.ts";

/** The read access that the API needs to the object store; bytes are transferred by signed URLs. */
export interface ObjectSource {
  list(bucket: string, prefix: string): Promise<readonly ListedObject[]>;
  read(bucket: string, key: string): Promise<Readable>;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly lastModified: Date | string | number;
}

/** The dependencies of the routes' handlers. */
export interface World {
  readonly state: LightlyState;
  readonly storage: ObjectSource;
  readonly aws: { endpoint(): string; readonly credentials: AwsCredentials; readonly region: string };
  /** The URL of the API, without a trailing slash. */
  publicUrl(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  newId(): string;
  /** Objects on one page of a datasource's listing. */
  readonly listPageSize: number;
}

/** The sandbox has one user. */
export const USER_ID = "sandbox-user";

export function requireDataset(world: World, id: string): Dataset {
  const dataset = world.state.datasets.get(id);
  if (dataset === undefined) {
    throw unknown("DATASET_UNKNOWN", `There is no dataset ${id}.`);
  }
  return dataset;
}
