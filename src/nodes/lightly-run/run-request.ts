import type { Datasource } from "../../services/lightly/datasets/datasource-config.ts";
import { readSettings } from "../shared/accounts/account-settings.ts";
import type { LightlyNode } from "../shared/accounts/lightly-node.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { readSelection } from "../shared/inputs/read-selection.ts";
import { fields } from "./fields.ts";

/** The access keys of the buckets, for datasources that Lightly accesses with keys. */
export interface Secrets {
  accessKeyId?: string;
  secretAccessKey?: string;
}

export type LightlyRunNode = LightlyNode<Secrets>;

/** Reads form and message, and checks everything that needs no request. */
export async function runRequest(node: LightlyRunNode, inputs: Inputs) {
  const { parseWorkerConfig, workerConfig } = await import("../../services/lightly/workers/worker-config.ts");
  const {
    datasetName,
    inputType,
    useDatapool,
    shutdownWhenJobFinished,
    priority,
    runsOn,
    workerConfig: extra,
  } = await inputs.read(
    fields,
    "datasetName",
    "inputType",
    "useDatapool",
    "shutdownWhenJobFinished",
    "priority",
    "runsOn",
    "workerConfig",
  );
  return {
    dataset: { name: datasetName, type: inputType, datasources: await datasources(node, inputs) },
    schedule: {
      selection: await readSelection(inputs),
      worker: workerConfig({
        shutdownWhenJobFinished,
        useDatapool,
        ...(extra === undefined ? {} : { extra: parseWorkerConfig(extra) }),
      }),
      priority,
      runsOn,
    },
  };
}

async function datasources(node: LightlyRunNode, inputs: Inputs): Promise<Datasource[]> {
  const { access: kind } = await inputs.read(fields, "access");
  if (kind === "existing") {
    return [];
  }
  const access =
    kind === "role"
      ? { kind, ...(await inputs.read(fields, "roleArn", "externalId")) }
      : { kind, ...readSettings(node, { access: kind }, fields, "accessKeyId", "secretAccessKey") };
  const { region, inputUri, lightlyUri, kmsKeyArn } = await inputs.read(
    fields,
    "region",
    "inputUri",
    "lightlyUri",
    "kmsKeyArn",
  );
  return [
    { purpose: "INPUT", uri: inputUri, region, access },
    { purpose: "LIGHTLY", uri: lightlyUri, region, access, ...(kmsKeyArn !== undefined && { kmsKeyArn }) },
  ];
}
