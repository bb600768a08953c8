import { instanceIds } from "../../fields/instances.ts";
import { account, choice, hours, list, minutes, pairs, seconds, text, whole } from "../../fields/kinds.ts";
import { stepFields } from "../../fields/retries.ts";
import {
  absolutePath,
  concurrency,
  dockerImage,
  errorLimit,
  gpuIds,
  logGroupName,
  secretName,
  shellWords,
  VARIABLE_NAME,
} from "../../fields/rules/command-line.ts";
import { bucketName, keyPrefix } from "../../fields/rules/s3.ts";

const ofWorker = { mode: ["worker"] };

export const fields = stepFields({
  account: account("lightly-aws-account"),
  instanceIds: instanceIds({ value: "ec2.instanceIds", from: "msg" }),
  mode: choice({ script: "ofInstance", worker: "worker" }, { icon: "code" }),
  script: text({
    icon: "terminal",
    placeholder: "/home/ubuntu/run.sh",
    typed: "str",
    required: true,
    when: { mode: ["script"] },
  }),
  image: text({
    icon: "cube",
    value: "lightly/worker:latest",
    placeholder: "lightly/worker:latest",
    required: true,
    rule: dockerImage,
    when: ofWorker,
  }),
  gpus: choice({ all: "allGpus", none: "noGpus", ids: "theseGpus" }, { icon: "microchip", when: ofWorker }),
  gpuIds: text({
    icon: "hashtag",
    placeholder: "0,1",
    required: true,
    rule: gpuIds,
    when: { ...ofWorker, gpus: ["ids"] },
  }),
  workerId: text({
    icon: "id-badge",
    placeholder: true,
    typed: "str",
    when: ofWorker,
    hint: true,
    lookUp: { what: "workers", account: { anyOf: "lightly-account" } },
  }),
  tokenFrom: choice(["parameter", "secret"], { icon: "key", when: ofWorker }),
  tokenName: text({
    icon: "lock",
    placeholder: "/lightly/token",
    typed: "str",
    required: true,
    rule: secretName,
    when: ofWorker,
    hint: true,
  }),
  sharedMemoryMib: whole({ value: 1024, min: 1, icon: "database", when: ofWorker }),
  dockerArguments: text({ icon: "anchor", placeholder: "-v /data:/input_mount:ro", rule: shellWords, when: ofWorker }),
  args: list({ icon: "list-ol", value: "[]", typed: "json" }),
  waitFor: choice(["running", "ended"], {
    icon: "hourglass-half",
    hint: [
      { key: "running", when: { waitFor: ["running"] } },
      { key: "ended", when: { waitFor: ["ended"] } },
    ],
  }),
  // The maximum execution limit of Run Command is 48 hours.
  executionTimeoutHours: hours({ value: 48, min: 0.01, max: 48, icon: "clock-o" }),
  // Run Command accepts 30 seconds to 30 days.
  deliveryTimeoutMinutes: minutes({ value: 10, min: 0.5, max: 43_200, icon: "paper-plane-o", followedBy: "preview" }),
  maxConcurrency: text({ icon: "tasks", placeholder: true, rule: concurrency, hint: true, advanced: true }),
  maxErrors: text({ icon: "ban", placeholder: true, rule: errorLimit, hint: true, advanced: true }),
  workingDirectory: text({ icon: "folder-o", placeholder: true, rule: absolutePath, advanced: true }),
  environment: pairs("name", { icon: "dollar", keyPattern: VARIABLE_NAME, advanced: true }),
  outputBucket: text({
    icon: "archive",
    placeholder: true,
    rule: bucketName,
    lookUp: { what: "buckets", account: "account" },
    advanced: true,
  }),
  outputPrefix: text({ icon: "folder-o", placeholder: "ssm", rule: keyPrefix, advanced: true }),
  logGroup: text({ icon: "align-left", placeholder: true, rule: logGroupName, hint: true, advanced: true }),
  pollSeconds: seconds({ min: 0.1, max: 600, icon: "refresh", placeholder: true, hint: true, advanced: true }),
});
