import { deepEqual } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const type = "lightly-aws-account";
const ACCOUNTS = [
  { id: "of-form", type, credentialSource: "chain", region: "eu-west-1" },
  { id: "of-chain", type, credentialSource: "chain" },
  { id: "of-profile", type, credentialSource: "profile", profile: "gpu" },
  { id: "of-store", type, credentialSource: "chain", region: "eu-west-1", s3Endpoint: "https://store.example.com" },
  { id: "not-valid", type, credentialSource: "chain", region: "no region" },
];

describe("the web consoles of the accounts of a Node-RED", () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    const config = join(temporaryFolder(), "config");
    writeFileSync(config, "[default]\nregion = us-west-1\n[profile gpu]\nregion = eu-north-1\n");
    nodeRed = await startNodeRedWithUsers(ACCOUNTS, { AWS_CONFIG_FILE: config });
  });
  after(() => nodeRed?.close());

  it("are in the region of the account, or of its profile", async () => {
    const answer = await fetch(`${nodeRed.url}/lightly-aws/accounts`, { headers: { authorization: "Bearer *" } });
    deepEqual(await answer.json(), {
      "of-form": { consoleRegion: "eu-west-1" },
      "of-chain": { consoleRegion: "us-west-1" },
      "of-profile": { consoleRegion: "eu-north-1" },
    });
  });
});
