import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Datasource } from "../../services/lightly/datasets/datasource-config.ts";
import type { SelectionConfigV4 } from "../../services/lightly/selection/selection-config.ts";
import { resolvedSetting } from "../shared/account-settings.ts";
import { list } from "../shared/form-values.ts";
import type { Inputs } from "../shared/inputs.ts";
import type { LightlyNode } from "../shared/lightly-node.ts";

/** The keys of the buckets, for datasources that are opened by keys. */
export interface Secrets {
  accessKeyId?: string;
  secretAccessKey?: string;
}

export type LightlyRunNode = LightlyNode<Secrets>;

/** What the form and the message say, checked as far as that goes without a request. */
export async function runRequest(node: LightlyRunNode, inputs: Inputs) {
  const { parseWorkerConfig, workerConfig } = await import("../../services/lightly/workers/worker-config.ts");
  const extra = await inputs.value("workerConfig");
  return {
    dataset: {
      name: await inputs.text("datasetName"),
      type: await inputs.choice("inputType", ["Videos", "Images"]),
      datasources: await datasources(node, inputs),
    },
    schedule: {
      selection: await selection(inputs),
      worker: workerConfig({
        shutdownWhenJobFinished: inputs.flag("shutdownWhenJobFinished", true),
        useDatapool: inputs.flag("useDatapool", true),
        ...(extra === undefined ? {} : { extra: parseWorkerConfig(extra) }),
      }),
      priority: await inputs.choice("priority", ["MID", "LOW", "HIGH", "CRITICAL"]),
      runsOn: list(await inputs.value("runsOn")),
    },
  };
}

async function selection(inputs: Inputs): Promise<SelectionConfigV4> {
  const { parseSelection, selectionConfig } = await import("../../services/lightly/selection/selection-config.ts");
  switch (await inputs.choice("amount", ["proportion", "number", "json"])) {
    case "proportion":
      return selectionConfig(
        { proportionSamples: await inputs.number("proportion", { fallback: 0.1, min: 0, max: 1 }) },
        await inputs.value("strategies"),
      );
    case "number":
      return selectionConfig({ nSamples: await inputs.number("count", { min: 1 }) }, await inputs.value("strategies"));
    case "json":
      return parseSelection(await inputs.required("selection"));
  }
}

async function datasources(node: LightlyRunNode, inputs: Inputs): Promise<Datasource[]> {
  const kind = await inputs.choice("access", ["role", "keys", "existing"]);
  if (kind === "existing") {
    return [];
  }
  const access =
    kind === "role"
      ? { kind, roleArn: await inputs.text("roleArn"), externalId: await inputs.text("externalId") }
      : { kind, ...bucketKeys(node) };
  const region = await inputs.text("region");
  return [
    { purpose: "INPUT", uri: await inputs.text("inputUri"), region, access },
    { purpose: "LIGHTLY", uri: await inputs.text("lightlyUri"), region, access },
  ];
}

function bucketKeys(node: LightlyRunNode) {
  const accessKeyId = resolvedSetting(node, "accessKeyId", node.credentials?.accessKeyId);
  const secretAccessKey = resolvedSetting(node, "secretAccessKey", node.credentials?.secretAccessKey);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new PipelineError(
      "LIGHTLY_DATASOURCE_INVALID",
      `"${node.name || node.type}" opens the buckets by access keys, but the key or its secret is blank. Fill them in, or choose a delegated role.`,
    );
  }
  return { accessKeyId, secretAccessKey };
}
