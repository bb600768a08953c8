/** A trigger with an instance id and a dataset name, and both branches of the pipeline up to their waits. */
export const WAITING_FLOW = [
  { id: "tab", type: "tab", label: "waiting" },
  { id: "aws", type: "lightly-aws-account", name: "AWS", credentialSource: "chain" },
  { id: "lightly", type: "lightly-account", name: "Lightly" },
  { id: "in", type: "http in", z: "tab", url: "/wait", method: "post", wires: [["reply", "start", "run"]] },
  { id: "reply", type: "http response", z: "tab", wires: [] },
  {
    ...{ id: "start", type: "lightly-ec2-start", z: "tab", account: "aws", wires: [["script"]] },
    ...{ select: "ids", instanceIds: "payload.instanceId", instanceIdsType: "msg", waitFor: "online" },
    ...{ autoStopMinutes: "30", timeoutMinutes: "600", onBusy: "wait", onRemoved: "keep", retries: "0" },
  },
  {
    ...{ id: "script", type: "lightly-ssm-run-script", z: "tab", account: "aws", wires: [[], []] },
    ...{ instanceIds: "ec2.instanceIds", instanceIdsType: "msg", script: "/home/ubuntu/run.sh", scriptType: "str" },
    ...{ args: "[]", argsType: "json", waitFor: "ended", executionTimeoutHours: "48", retries: "0" },
  },
  {
    ...{ id: "run", type: "lightly-run", z: "tab", account: "lightly", wires: [[], [], []] },
    ...{ datasetName: "payload.dataset", datasetNameType: "msg", inputType: "Videos", access: "role" },
    ...{ inputUri: "s3://lightly-input/videos/", inputUriType: "str" },
    ...{ lightlyUri: "s3://lightly-output/out/", lightlyUriType: "str" },
    ...{ region: "PIPELINE_REGION", regionType: "env", roleArn: "PIPELINE_ROLE_ARN", roleArnType: "env" },
    ...{ externalId: "PIPELINE_EXTERNAL_ID", externalIdType: "env", amount: "proportion", proportion: "0.1" },
    ...{ selection: "", selectionType: "json", timeoutHours: "48", workerTimeoutMinutes: "0", retries: "0" },
  },
] as const;
