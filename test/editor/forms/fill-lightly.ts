import { bucket, type Fillings, from, retries, text } from "./entries.ts";

/** A selection that a list can't show, with the layout of the code editor. */
const TILES = JSON.stringify(
  {
    nSamples: 5,
    strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
    autoTasks: [{ type: "TILING", numRows: 2, numCols: 2 }],
  },
  null,
  2,
);

/** The entries of the Lightly nodes and of run status. */
export const LIGHTLY: Fillings = {
  "lightly-run": {
    typed: [
      ["name", { text: "choose frames" }],
      ["account", { choose: "lightly" }],
      ["datasetName", { lookUp: "Choose a dataset", options: ["street"], gives: "street" }],
      ["inputType", { choose: "Images" }],
      ["roleArn", text("arn:aws:iam::123456789012:role/lightly")],
      ["externalId", text("an-external-id")],
      ["access", { choose: "keys" }],
      ["inputUri", bucket("s3://lightly-output")],
      ["lightlyUri", text("s3://lightly-output/lightly")],
      ["region", text("eu-central-1")],
      ["accessKeyId", { text: "AKIAIOSFODNN7LIGHTLY" }],
      ["secretAccessKey", { text: "secret-of-the-datasource" }],
      ["proportion", { text: "12.5", stored: "0.125" }],
      ["amount", { choose: "number" }],
      ["count", { text: "25" }],
      [
        "strategies",
        { strategy: { input: { type: "METADATA", key: "lightly.sharpness" }, strategy: { type: "WEIGHTS" } } },
      ],
      ["amount", { choose: "json" }],
      [
        "selection",
        {
          code: TILES,
        },
      ],
      ["timeoutHours", { text: "12" }],
      ["workerTimeoutMinutes", { text: "5" }],
      ["useDatapool", { check: false }],
      ["shutdownWhenJobFinished", { check: false }],
      ["kmsKeyArn", text("arn:aws:kms:eu-central-1:123456789012:key/1")],
      ["priority", { choose: "HIGH" }],
      ["runsOn", { lookUp: "Choose worker labels", options: ["fast", "gpu"], gives: "fast, gpu" }],
      ["workerConfig", { typed: '{"numProcesses":2}' }],
      ...retries,
    ],
    elsewhere: [
      ["datasetName", from("msg", "topic")],
      ["inputUri", from("flow", "input")],
      ["lightlyUri", from("global", "output")],
      ["region", from("env", "REGION")],
      ["kmsKeyArn", from("env", "KMS_KEY")],
      ["access", { choose: "role" }],
      ["roleArn", from("jsonata", 'roles[0] & ""')],
      ["externalId", from("env", "EXTERNAL_ID")],
      ["selection", from("msg", "selection")],
    ],
  },
  "lightly-results": {
    typed: [
      ["name", { text: "read them" }],
      ["account", { choose: "lightly" }],
      ["datasetId", text("0123456789abcdef01234567")],
      ["tag", text("initial-tag")],
      ["output", { choose: "labelStudio" }],
      ["links", { choose: "signed" }],
      ["linkExpiryHours", { text: "48" }],
      ["destination", { choose: "folder" }],
      ["folder", text("/tmp/frames")],
      ["destination", { choose: "s3" }],
      ["awsAccount", { choose: "aws" }],
      ["bucket", text("lightly-output")],
      ["prefix", text("frames")],
      ...retries,
    ],
    elsewhere: [
      ["datasetId", from("flow", "dataset")],
      ["tag", from("env", "TAG")],
      ["bucket", from("msg", "bucket")],
      ["prefix", from("jsonata", '"day-" & day')],
      ["destination", { choose: "folder" }],
      ["folder", from("global", "folder")],
    ],
  },
  "lightly-run-status": {
    typed: [
      ["name", { text: "how is it" }],
      ["runId", text("nightly")],
    ],
    elsewhere: [["runId", from("env", "RUN_ID")]],
  },
  "lightly-account": {
    typed: [
      ["name", { text: "mine" }],
      ["token", { text: "secret-of-lightly" }],
      ["apiUrl", { text: "http://127.0.0.1:9001" }],
      ["pollSeconds", { text: "45" }],
      ["proxy", { text: "none" }],
      ["caFile", { text: "/etc/ssl/certs/company.pem" }],
    ],
    elsewhere: [],
  },
};
