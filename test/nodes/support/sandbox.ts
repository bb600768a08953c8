import { type Sandbox, type SandboxOptions, startSandbox } from "lightly-aws-sandbox";
import { testClips } from "../../../sandbox/test/clips/test-clips.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const SHORT = { startMs: 20, onlineMs: 20, stopMs: 20, deliveryMs: 10, workerPollMs: 50 };

/** The account nodes of a test's flow for the sandbox, and their secrets. */
export interface SandboxAccounts {
  readonly others: ReadonlyArray<{ readonly id: string; readonly type: string } & Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A sandbox for the tests of a file, with delays of some milliseconds. Faults are removed after each test. */
export function useSandbox({ worker = "instant", delays }: Pick<SandboxOptions, "worker" | "delays"> = {}): {
  readonly sandbox: Sandbox;
  readonly accounts: SandboxAccounts;
} {
  let sandbox: Sandbox | undefined;
  const stateDir = temporaryFolder();

  before(async () => {
    sandbox = await startSandbox({ stateDir, videosDir: await testClips(), delays: { ...SHORT, ...delays }, worker });
  });
  afterEach(() => sandbox?.faults.clear());
  after(() => sandbox?.close());

  const started = (): Sandbox => {
    if (!sandbox) {
      throw new Error("The sandbox is there inside a test only.");
    }
    return sandbox;
  };
  return {
    get sandbox() {
      return started();
    },
    get accounts() {
      return accountsOf(started());
    },
  };
}

function accountsOf({ endpoints, credentials, region, token, pexelsKey }: Sandbox): SandboxAccounts {
  return {
    others: [
      { id: "aws", type: "lightly-aws-account", region, endpoint: endpoints.aws, credentialSource: "keys" },
      { id: "lightly", type: "lightly-account", apiUrl: endpoints.lightly, pollSeconds: "0.05" },
      { id: "pexels", type: "lightly-pexels-account", apiUrl: endpoints.pexels },
    ],
    credentials: {
      aws: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
      lightly: { token },
      pexels: { apiKey: pexelsKey },
    },
  };
}
