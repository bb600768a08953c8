import { PipelineError } from "../../errors/pipeline-error.ts";

/** The error of a command on one instance. */
export interface FailedOn {
  readonly instanceId: string;
  readonly error: PipelineError;
}

const NEVER_RAN = "SSM_COMMAND_UNDELIVERABLE";
/** More would make the message unreadable. All of them are in the details, and in the result of the step. */
const SHOWN = 5;

/**
 * Creates the error of a script that has failed on some of several instances.
 *
 * @param failures - at least one
 * @param count - the number of instances
 * @returns the error with the code of the first one that has run; if the script was for one instance, that error
 */
export function severalFailed(
  failures: readonly [FailedOn, ...FailedOn[]],
  count: number,
  script: string,
): PipelineError {
  const [first] = failures;
  if (count === 1) {
    return first.error;
  }
  const ran = failures.filter(({ error }) => error.code !== NEVER_RAN);
  const { error } = ran[0] ?? first;
  const counts = [
    ran.length > 0 && `${ran.length} of ${count} failed`,
    failures.length > ran.length && `it never ran on ${failures.length - ran.length} of ${count}`,
  ];
  const lines = [...ran, ...failures.filter((one) => !ran.includes(one))]
    .slice(0, SHOWN)
    .map((one) => one.error.message);
  const more = failures.length > SHOWN ? `\n... and ${failures.length - SHOWN} more` : "";
  return new PipelineError(error.code, `${script}: ${counts.filter(Boolean).join(", ")}.\n${lines.join("\n")}${more}`, {
    retryable: error.retryable,
    details: { ...error.details, failed: failures.map(({ instanceId }) => instanceId), count },
    cause: error,
  });
}
