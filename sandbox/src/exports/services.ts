/** `lightly-aws-sandbox/services`: single parts of the sandbox, for tests that need only one service. */
export { presignUrl } from "../aws/presign-url.ts";
export { createAwsServer } from "../aws/server.ts";
export { issueTemporaryCredentials } from "../aws/temporary-credentials.ts";
export { createFaults, type Faults } from "../faults/faults.ts";
export { parseDockerRun } from "../instances/docker-arguments.ts";
export { listen, stopServer } from "../loopback-server.ts";
export { createS3Service } from "../s3/s3-service.ts";
export type { Command } from "../ssm/command.ts";
export { openCommandStore } from "../ssm/command-store.ts";
