/** The types of the steps that have to do with instances. */
export const START = "lightly-ec2-start";
export const STOP = "lightly-ec2-stop";
export const COMMAND = "lightly-ssm-run-script";
export const SELECT = "lightly-run";
