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
  async run(setup) {
    const cli = createCli(setup);
    await judgeCredentials(setup, cli);
    await judgeObjects(setup, cli);
    await judgeMultipart(setup, cli);
    await judgePresigned(setup, cli);
    await judgeInstances(setup, cli);
    await judgeScripts(setup, cli);
    await judgeSettings(setup);
  },
};
