import { BATCH_OPERATIONS } from "../batch/wire/batch-service.ts";
import { EC2_OPERATIONS } from "../ec2/ec2-service.ts";
import { IAM_OPERATIONS } from "../iam/iam-service.ts";
import { lightlyOperations } from "../lightly/routes.ts";
import { LOGS_OPERATIONS } from "../logs/logs-service.ts";
import { PEXELS_OPERATIONS } from "../pexels/pexels-api.ts";
import { S3_OPERATIONS } from "../s3/operation-name.ts";
import { SSM_OPERATIONS } from "../ssm/ssm-service.ts";
import { STS_OPERATIONS } from "../sts/sts-service.ts";
import type { FaultService } from "./fault-rule.ts";

/** The names of every service's operations, as the services themselves know them. */
export const operationNames = (): Readonly<Record<FaultService, readonly string[]>> => ({
  s3: S3_OPERATIONS,
  ec2: EC2_OPERATIONS,
  ssm: SSM_OPERATIONS,
  sts: STS_OPERATIONS,
  iam: IAM_OPERATIONS,
  batch: BATCH_OPERATIONS,
  logs: LOGS_OPERATIONS,
  lightly: lightlyOperations(),
  pexels: PEXELS_OPERATIONS,
});
