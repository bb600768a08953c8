import type { FlowNode } from "./restarts.ts";

/** The tab and the AWS account of the example with a folder. */
export const TAB = "a1f0000000000003";
export const AWS = "a1f00000000000a1";

/** A node that sends the videos of a folder to {@link upload}. */
export const source = (values: Record<string, unknown>): FlowNode =>
  ({
    ...{ id: "source", z: TAB, type: "lightly-video-source", name: "source", x: 100, y: 100 },
    ...{ kind: "folder", folder: "", folderType: "str", account: AWS, recursive: true, runs: "one" },
    ...{ maxConcurrency: "2", maxFailures: "10", retries: "0", retrySeconds: "1", wires: [["upload"], ["ended"]] },
    ...values,
  }) as FlowNode;

/** A node that uploads what it receives, and leads to the join node. */
export const upload = (values: Record<string, unknown> = {}): FlowNode =>
  ({
    ...{ id: "upload", z: TAB, type: "lightly-s3-upload", name: "upload", x: 300, y: 100, account: AWS },
    ...{
      sourceKind: "file",
      source: "filename",
      sourceType: "msg",
      ifExists: "refuse",
      retries: "0",
      retrySeconds: "1",
    },
    ...{ bucket: "INPUT_BUCKET", bucketType: "env", prefix: "p", prefixType: "str", wires: [["join"]] },
    ...values,
  }) as FlowNode;

/** What is behind the source: its second output and a join node lead to steps that the run's record shows. */
export const REST: FlowNode[] = [
  {
    id: "go",
    z: TAB,
    type: "inject",
    name: "go",
    x: 0,
    y: 100,
    props: [],
    repeat: "",
    once: false,
    wires: [["source"]],
  },
  { id: "join", z: TAB, type: "join", name: "", x: 500, y: 100, mode: "auto", wires: [["joined"]] },
  { id: "catch", z: TAB, type: "catch", name: "", x: 300, y: 200, scope: ["source", "upload"], wires: [["join"]] },
  ...["joined", "ended"].map((id) => ({
    ...{
      id,
      z: TAB,
      type: "lightly-video-source",
      name: id,
      x: 700,
      y: 100,
      kind: "list",
      list: "[]",
      listType: "json",
    },
    ...{ maxConcurrency: "1", maxFailures: "0", retries: "0", retrySeconds: "1", wires: [[], []] },
  })),
] as unknown as FlowNode[];
