/** `lightly-aws-sandbox/installation`: the state directory of a sandbox, and the signal that ends its process. */
export { lockInstallation, openInstallation, wipeInstallation } from "../installation.ts";
export { untilShutdownSignal } from "../shutdown-signal.ts";
