import type { Readable } from "node:stream";
import type { AwsCredentials } from "../aws/aws-service.ts";
import { unknown } from "./http/api-fault.ts";
import type { Dataset } from "./state/lightly-records.ts";
import type { LightlyState } from "./state/lightly-state.ts";

/** What the API needs of the object store: only to look; bytes are moved by signed URLs. */
export interface ObjectSource {
  list(bucket: string, prefix: string): Promise<readonly ListedObject[]>;
  read(bucket: string, key: string): Promise<Readable>;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly lastModified: Date | string | number;
}

/** Everything that a route's handler works with. */
export interface World {
  readonly state: LightlyState;
  readonly storage: ObjectSource;
  readonly aws: { endpoint(): string; readonly credentials: AwsCredentials; readonly region: string };
  /** Where the API itself is reached, without a trailing slash. */
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
