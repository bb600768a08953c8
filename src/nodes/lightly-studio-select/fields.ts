import { instanceIds } from "../../fields/instances.ts";
import { account, choice, hours, list, number, text } from "../../fields/kinds.ts";
import { bucketOfUri } from "../../fields/look-up.ts";
import { stepFields } from "../../fields/retries.ts";
import { pythonFile, pythonPath } from "../../fields/rules/command-line.ts";
import { datasetName } from "../../fields/rules/lightly.ts";
import { s3Uri } from "../../fields/rules/s3.ts";
import { selectionFields } from "../../fields/selection.ts";

export const fields = stepFields({
  account: account("lightly-aws-account"),
  instanceIds: instanceIds({ value: "ec2.instanceIds", from: "msg" }),
  datasetName: text({
    icon: "database",
    placeholder: "my-dataset",
    typed: "str",
    required: true,
    rule: datasetName,
  }),
  // Not "inputs", which is the number of inputs of a node in the editor.
  videos: list({
    icon: "sign-in",
    value: "s3.uri",
    placeholder: "s3://my-bucket/videos/",
    typed: "str",
    from: "msg",
    required: true,
    rule: s3Uri,
    // A key may contain commas and line breaks.
    separator: /[,\r\n](?=\s{0,99}s3:\/\/)/,
    hint: true,
  }),
  output: text({
    icon: "sign-out",
    placeholder: "s3://my-bucket/selected",
    typed: "str",
    required: true,
    rule: s3Uri,
    lookUp: bucketOfUri("account"),
  }),
  datasetUri: text({ icon: "archive", placeholder: true, typed: "str", rule: s3Uri, hint: true }),
  ...selectionFields,
  frames: choice(["rate", "all"], { icon: "film", heading: "candidates" }),
  framesPerSecond: number({ value: 1, min: 0.001, max: 1000, icon: "clock-o", when: { frames: ["rate"] } }),
  embedder: choice(["pe", "mobileclip", "grid", "file"], {
    icon: "cubes",
    hint: [{ key: "grid", when: { embedder: ["grid"] } }],
  }),
  embedderFile: text({
    icon: "file-code-o",
    placeholder: "/opt/embedder.py",
    typed: "str",
    required: true,
    rule: pythonFile,
    when: { embedder: ["file"] },
  }),
  python: text({
    icon: "terminal",
    value: "/opt/lightly-studio/bin/python",
    placeholder: "/opt/lightly-studio/bin/python",
    required: true,
    rule: pythonPath,
    heading: "instance",
  }),
  install: choice(["no", "cpu", "cuda"], { icon: "download" }),
  // The maximum execution limit of Run Command is 48 hours.
  timeoutHours: hours({ value: 48, min: 0.01, max: 48, icon: "hourglass-half" }),
  weights: text({ icon: "cube", placeholder: true, typed: "str", rule: s3Uri, hint: true, advanced: true }),
  pictureFormat: choice({ ".png": null, ".jpg": null, ".webp": null }, { icon: "picture-o", advanced: true }),
});
