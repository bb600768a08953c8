import { bucket, type Fillings, from, retries, text } from "./entries.ts";
import type { Entry } from "./fill-field.ts";

const INSTANCE = "i-0123456789abcdef0";
const instances: Entry = { lookUp: "Choose instances", options: [new RegExp(INSTANCE)], gives: INSTANCE };
const tags: Entry = {
  pairs: [
    ["team", "vision"],
    ["stage", ""],
  ],
  key: "key",
};

/** Of the nodes of AWS. */
export const AWS: Fillings = {
  "lightly-ec2-start": {
    typed: [
      ["name", { text: "wake it" }],
      ["account", { choose: "aws" }],
      ["instanceIds", instances],
      ["select", { choose: "tags" }],
      ["tags", tags],
      ["timeoutMinutes", { text: "12.5" }],
      ["whenBusy", { choose: "share" }],
      ["deadMansMinutes", { text: "45" }],
      ["waitFor", { choose: "running" }],
      ["whenRemoved", { choose: "leave" }],
      ["capacityMinutes", { text: "0" }],
      ...retries,
      ["pollSeconds", { text: "3" }],
    ],
    elsewhere: [
      ["select", { choose: "ids" }],
      ["instanceIds", from("msg", "instances[0].id")],
      ["select", { choose: "tags" }],
      ["tags", { left: [["stage", ""]], key: "key" }],
    ],
  },
  "lightly-ec2-stop": {
    typed: [
      ["name", { text: "send it to bed" }],
      ["account", { choose: "aws" }],
      ["instanceIds", instances],
      ["select", { choose: "tags" }],
      ["tags", tags],
      ["whenInUse", { choose: "stop" }],
      ["leaveRunning", { check: true }],
      ["hibernate", { check: true }],
      ["timeoutMinutes", { text: "12.5" }],
      ["waitFor", { choose: "accepted" }],
      ["forceAfterMinutes", { text: "20" }],
      ...retries,
      ["pollSeconds", { text: "3" }],
    ],
    elsewhere: [
      ["select", { choose: "ids" }],
      ["instanceIds", from("flow", "instances")],
    ],
  },
  "lightly-s3-upload": {
    typed: [
      ["name", { text: "keep it" }],
      ["account", { choose: "aws" }],
      ["bucket", bucket("lightly-output")],
      ["prefix", { lookUp: "Choose a prefix", options: ["videos", "videos/day"], gives: "videos/day" }],
      ["key", text("{prefix}/{date}/{basename}")],
      ["source", text("/tmp/a.mp4")],
      ["ifExists", { choose: "overwrite" }],
      ["storageClass", { choose: "STANDARD_IA" }],
      ["encryption", { choose: "aws:kms" }],
      ["kmsKeyId", { text: "alias/videos" }],
      ["contentType", { text: "video/mp4" }],
      ["partSizeMib", { text: "8" }],
      ["tags", tags],
      ...retries,
    ],
    elsewhere: [
      ["bucket", from("env", "BUCKET")],
      ["prefix", from("msg", "topic")],
      ["key", from("jsonata", '$now() & "/" & filename')],
      ["source", from("flow", "file")],
    ],
  },
  "lightly-ssm-run-script": {
    typed: [
      ["name", { text: "run it" }],
      ["account", { choose: "aws" }],
      ["instanceIds", from("str", "")],
      ["instanceIds", instances],
      ["script", text("/home/ubuntu/run.sh")],
      ["mode", { choose: "worker" }],
      ["image", { text: "lightly/worker:2.11" }],
      ["gpus", { choose: "ids" }],
      ["gpuIds", { text: "0,1" }],
      ["workerId", { lookUp: "Choose a worker", options: [/second/], gives: /^[0-9a-f]{24}$/ }],
      ["tokenFrom", { choose: "secret" }],
      ["tokenName", text("/prod/lightly")],
      ["sharedMemoryMib", { text: "2048" }],
      ["dockerArguments", { text: '-v "/my data:/input_mount:ro"' }],
      ["args", from("json", '["--fast",3]')],
      ["waitFor", { choose: "ended" }],
      ["executionHours", { text: "6" }],
      ["deliveryMinutes", { text: "20" }],
      ["workingDirectory", { text: "/tmp" }],
      [
        "environment",
        {
          pairs: [
            ["MODE", "night"],
            ["EMPTY", ""],
          ],
          key: "name",
        },
      ],
      ["outputBucket", bucket("lightly-output")],
      ["outputPrefix", { text: "logs" }],
      ...retries,
      ["pollSeconds", { text: "3" }],
    ],
    elsewhere: [
      ["instanceIds", from("global", "instances")],
      ["workerId", from("msg", "worker")],
      ["tokenName", from("env", "TOKEN_NAME")],
      ["args", from("msg", "args")],
      ["mode", { choose: "script" }],
      ["script", from("jsonata", '"/home/" & user & "/run.sh"')],
    ],
  },
  "lightly-aws-account": {
    typed: [
      ["name", { text: "mine" }],
      ["region", { text: "eu-west-1" }],
      ["credentialSource", { choose: "profile" }],
      ["profile", { text: "lab" }],
      ["credentialSource", { choose: "keys" }],
      ["accessKeyId", { text: "AKIAIOSFODNN7FORMTEST" }],
      ["secretAccessKey", { text: "secret-of-the-key" }],
      ["sessionToken", { text: "secret-of-the-session" }],
      ["roleArn", { text: "arn:aws:iam::123456789012:role/lab" }],
      ["externalId", { text: "lab-7" }],
      ["endpoint", { text: "http://127.0.0.1:9000" }],
      ["pathStyle", { check: true }],
    ],
    elsewhere: [],
  },
};
