import { allowHosts } from "../../../src/services/http/guard/host-allowlist.ts";
import { useOwnEnvironment } from "../../support/environment.ts";

/** Runs the tests of a block without allowed hosts, and restores them afterwards. */
export function useNoAllowedHosts(): void {
  useOwnEnvironment(/^LIGHTLY_AWS_ALLOWED_HOSTS$/);
  afterEach(() => allowHosts(undefined));
}
