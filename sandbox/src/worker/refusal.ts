/** Why a run can't be processed here, as a message for the user. Ends the run as FAILED; any other error is a crash. */
export class RunRefusal extends Error {
  override readonly name = "RunRefusal";
}
