import { allowHosts } from "../../../src/services/http/guard/host-allowlist.ts";

/** Runs the tests of a block without allowed hosts, and restores them afterwards. */
export function useNoAllowedHosts(): void {
  let before: string | undefined;
  beforeEach(() => {
    before = process.env.LIGHTLY_AWS_ALLOWED_HOSTS;
    delete process.env.LIGHTLY_AWS_ALLOWED_HOSTS;
  });
  afterEach(() => {
    allowHosts(undefined);
    if (before === undefined) {
      delete process.env.LIGHTLY_AWS_ALLOWED_HOSTS;
    } else {
      process.env.LIGHTLY_AWS_ALLOWED_HOSTS = before;
    }
  });
}
