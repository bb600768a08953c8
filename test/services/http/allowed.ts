import { allowHosts } from "../../../src/services/http/guard/host-allowlist.ts";

/** Has the tests of a block begin without any allowed host, and gives back afterwards what was allowed. */
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
