/** Every picture under `docs/images`, as `docs/tour.md` shows them. */
export const PICTURES = [
  "pipeline",
  "run-running",
  "run-completed",
  "run-failed",
  "runs-list",
  "page-failed",
  "page-log",
  "page-frames",
  "page-dark",
  "gallery",
  "form-pexels-download",
  "form-s3-upload",
  "form-ec2-start",
  "form-ssm-run-script",
  "form-run",
  "form-studio-select",
  "form-results",
  "form-ec2-stop",
  "form-run-status",
  "form-aws-account",
  "form-account",
  "form-pexels-account",
  "selection-builder",
  "selection-builder-dark",
  "look-up",
  "connection-test",
  "worker-fields",
] as const;

/** The name of a picture, which is its file's without `.png`. */
export type PictureName = (typeof PICTURES)[number];

/** Whether the album has a picture of this name. */
export function isPicture(name: string): name is PictureName {
  return (PICTURES as readonly string[]).includes(name);
}
