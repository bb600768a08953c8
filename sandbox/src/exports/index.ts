/** `lightly-aws-sandbox`: starts a sandbox, and the types of its options, faults, events and state. */
export type { Job as BatchJob } from "../batch/jobs/job.ts";
export type { SandboxEvent } from "../faults/event-log.ts";
export type { FaultKind, FaultRule, FaultService } from "../faults/fault-rule.ts";
export type { Faults } from "../faults/faults.ts";
export type { RequestPhase, WatchedRequest } from "../faults/request-watch.ts";
export type { Delays } from "../instances/delays.ts";
export { READY_MADE_INSTANCE_ID } from "../instances/instance.ts";
export type { SandboxRecord } from "../record.ts";
export type { ServicePort } from "../service-port.ts";
export { type Sandbox, type SandboxOptions, startSandbox } from "../start-sandbox.ts";
