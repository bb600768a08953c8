import type { Judge } from "../judge.ts";
import { createCli } from "./aws-cli/cli.ts";
import { judgeCredentials } from "./aws-cli/credentials.ts";
import { judgeInstances } from "./aws-cli/instances.ts";
import { judgeMultipart } from "./aws-cli/multipart.ts";
import { judgeObjects } from "./aws-cli/objects.ts";
import { judgePresigned } from "./aws-cli/presigned.ts";
import { judgeScripts } from "./aws-cli/scripts.ts";
import { judgeSettings } from "./aws-cli/settings.ts";

/** The AWS CLI, unmodified, as real processes. */
export const awsCli: Judge = {
  name: "cli",
  title: "AWS CLI against the sandbox",
  requirements: "requirements-aws.txt",
  python: { least: 10 },
  async run(courtroom) {
    const cli = createCli(courtroom);
    await judgeCredentials(courtroom, cli);
    await judgeObjects(courtroom, cli);
    await judgeMultipart(courtroom, cli);
    await judgePresigned(courtroom, cli);
    await judgeInstances(courtroom, cli);
    await judgeScripts(courtroom, cli);
    await judgeSettings(courtroom);
  },
};
