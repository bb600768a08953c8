import { deepEqual, equal, ok } from "node:assert/strict";
import { stepLinks } from "../../../src/sidebar/page/step-links.ts";
import { step } from "../../records/a-run.ts";

const upload = step("lightly-s3-upload", 0, 1, { result: { s3: { bucket: "my-bucket", key: "videos/a b&c.mp4" } } });
const start = step("lightly-ec2-start", 0, undefined, { checkpoint: { instanceIds: ["i-1", "i-2"] } });
const script = step("lightly-ssm-run-script", 0, undefined, { checkpoint: { commandId: "c-1", instanceIds: ["i-1"] } });
const select = step("lightly-run", 0, undefined, { checkpoint: { datasetId: "d1" } });

describe("the links of a step", () => {
  it("lead to the object, the instances and the command in their region's console", () => {
    const pages = { consoleRegion: "eu-central-1" };
    deepEqual(stepLinks(upload, pages), [
      {
        what: "object",
        name: "s3://my-bucket/videos/a b&c.mp4",
        url: "https://eu-central-1.console.aws.amazon.com/s3/object/my-bucket?region=eu-central-1&prefix=videos%2Fa%20b%26c.mp4",
      },
    ]);
    deepEqual(
      stepLinks(start, pages).map(({ url }) => url),
      ["i-1", "i-2"].map(
        (id) =>
          `https://eu-central-1.console.aws.amazon.com/ec2/home?region=eu-central-1#InstanceDetails:instanceId=${id}`,
      ),
    );
    deepEqual(
      stepLinks(script, pages).map(({ what, name }) => [what, name]),
      [
        ["instance", "i-1"],
        ["command", "c-1"],
      ],
    );
  });

  it("lead to the jobs of Batch while they run, and to the log of each one that has one at the end", () => {
    const linksOf = (more: Parameters<typeof step>[3]) =>
      stepLinks(step("lightly-batch-run", 0, undefined, { role: "command", ...more }), {
        consoleRegion: "eu-central-1",
      });
    const at = "https://eu-central-1.console.aws.amazon.com";
    const job = (id: string) => ({
      what: "job",
      name: id,
      url: `${at}/batch/home?region=eu-central-1#jobs/detail/${id}`,
    });
    deepEqual(linksOf({ checkpoint: { jobId: "j-1" } }), [job("j-1")]);
    deepEqual(linksOf({ checkpoint: { jobId: "j-1", finalJobId: "j-2" } }), [job("j-1"), job("j-2")]);
    const logs = {
      what: "logs",
      name: "def/default/2",
      url: `${at}/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/$252Faws$252Fbatch$252Fjob/log-events/def$252Fdefault$252F2`,
    };
    const logStreams = ["def/default/1", "def/default/2"];
    const logGroup = "/aws/batch/job";
    deepEqual(linksOf({ result: { batch: { jobId: "j-1", logGroup, logStreams } } }), [job("j-1"), logs]);
    const final = { jobId: "j-2", logGroup, logStreams };
    deepEqual(linksOf({ result: { batch: { jobId: "j-1", logGroup, logStreams: [], final } } }), [
      job("j-1"),
      job("j-2"),
      logs,
    ]);
  });

  it("lead to the output of a command: its log streams while it runs, and its objects at the end, failed or not", () => {
    const pages = { consoleRegion: "eu-central-1" };
    const linksOf = (more: Parameters<typeof step>[3]) =>
      stepLinks(step("lightly-ssm-run-script", 0, undefined, more), pages).map(({ what, name, url }) => [
        what,
        name,
        url,
      ]);
    const at = "https://eu-central-1.console.aws.amazon.com";
    const command = ["command", "c-1", `${at}/systems-manager/run-command/c-1?region=eu-central-1`];
    const logs = [
      "logs",
      "/my/group",
      `${at}/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/$252Fmy$252Fgroup$3FlogStreamNameFilter$3Dc-1`,
    ];
    const object = [
      "object",
      "s3://my-bucket/ssm/stdout",
      `${at}/s3/object/my-bucket?region=eu-central-1&prefix=ssm%2Fstdout`,
    ];
    deepEqual(linksOf({ checkpoint: { commandId: "c-1", logGroup: "/my/group" } }), [command, logs]);
    deepEqual(linksOf({ checkpoint: { commandId: "c-1" } }), [command]);
    const stdoutUri = "s3://my-bucket/ssm/stdout";
    deepEqual(linksOf({ result: { ssm: { commandId: "c-1", stdoutUri } } }), [command, object]);
    const error = { code: "SSM_COMMAND_FAILED", message: "", details: { stdoutUri } };
    deepEqual(linksOf({ checkpoint: { commandId: "c-1" }, error }), [command, object]);
  });

  it("lead to the instance, the command and the manifest of LightlyStudio", () => {
    const manifest = "s3://my-bucket/selected/r-1/manifest.json";
    const studio = step("lightly-studio-select", 0, 1, {
      checkpoint: { instanceIds: ["i-1"], commandId: "c-1" },
      result: { lightly: { engine: "studio", manifest } },
    });
    deepEqual(
      stepLinks(studio, { consoleRegion: "eu-central-1" }).map(({ what, name }) => [what, name]),
      [
        ["instance", "i-1"],
        ["command", "c-1"],
        ["object", manifest],
      ],
    );
  });

  it("use the consoles of China and GovCloud", () => {
    ok(
      stepLinks(upload, { consoleRegion: "cn-north-1" })[0]?.url.startsWith("https://cn-north-1.console.amazonaws.cn/"),
    );
    ok(
      stepLinks(upload, { consoleRegion: "us-gov-west-1" })[0]?.url.startsWith(
        "https://us-gov-west-1.console.amazonaws-us-gov.com/",
      ),
    );
  });

  it("lead to the dataset and to the runs in the Lightly app", () => {
    deepEqual(
      stepLinks(select, { appUrl: "https://app.lightly.ai" }).map(({ url }) => url),
      ["https://app.lightly.ai/dataset/d1", "https://app.lightly.ai/compute/runs"],
    );
  });

  it("are none for an account with another endpoint", () => {
    for (const one of [upload, start, script, select]) {
      deepEqual(stepLinks(one), []);
    }
  });

  it("lead to the page of a video at Pexels, and to no other address", () => {
    const video = (pageUrl: string) => step("lightly-pexels-download", 0, 1, { result: { pexels: { pageUrl } } });
    equal(stepLinks(video("https://www.pexels.com/video/1/"))[0]?.what, "video");
    deepEqual(stepLinks(video("javascript:alert(1)")), []);
    deepEqual(stepLinks(video("http://127.0.0.1/video/1/")), []);
  });
});
