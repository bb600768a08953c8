import type { AwsAccountNode } from "../../lightly-aws-account/lightly-aws-account.ts";
import type { Node } from "../node-red.ts";

/** A step with an AWS account that reads or writes selected frames. The gallery of a run reads them with that account. */
export interface AwsNode extends Node {
  /** @throws PipelineError `ACCOUNT_MISSING` */
  awsAccount: () => AwsAccountNode;
}
