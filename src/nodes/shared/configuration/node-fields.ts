import type { Fields } from "../../../fields/field.ts";
import { fields as lightlyAccount } from "../../lightly-account/fields.ts";
import { fields as awsAccount } from "../../lightly-aws-account/fields.ts";
import { fields as batchRun } from "../../lightly-batch-run/fields.ts";
import { fields as ec2Start } from "../../lightly-ec2-start/fields.ts";
import { fields as ec2Stop } from "../../lightly-ec2-stop/fields.ts";
import { fields as pexelsAccount } from "../../lightly-pexels-account/fields.ts";
import { fields as pexelsDownload } from "../../lightly-pexels-download/fields.ts";
import { fields as results } from "../../lightly-results/fields.ts";
import { fields as lightlyRun } from "../../lightly-run/fields.ts";
import { fields as runStatus } from "../../lightly-run-status/fields.ts";
import { fields as s3Upload } from "../../lightly-s3-upload/fields.ts";
import { fields as ssmRunScript } from "../../lightly-ssm-run-script/fields.ts";
import { fields as studioSelect } from "../../lightly-studio-select/fields.ts";
import { fields as videoSource } from "../../lightly-video-source/fields.ts";

/** The tables of the fields of all nodes, by type. */
export const NODE_FIELDS: Readonly<Record<string, Fields>> = {
  "lightly-aws-account": awsAccount,
  "lightly-account": lightlyAccount,
  "lightly-pexels-account": pexelsAccount,
  "lightly-pexels-download": pexelsDownload,
  "lightly-video-source": videoSource,
  "lightly-s3-upload": s3Upload,
  "lightly-ec2-start": ec2Start,
  "lightly-ssm-run-script": ssmRunScript,
  "lightly-batch-run": batchRun,
  "lightly-run": lightlyRun,
  "lightly-studio-select": studioSelect,
  "lightly-results": results,
  "lightly-ec2-stop": ec2Stop,
  "lightly-run-status": runStatus,
};
