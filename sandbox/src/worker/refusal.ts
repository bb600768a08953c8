/** Why a run can't be done here, in words for the person who scheduled it. Ends the run as FAILED; anything else that is thrown is a crash. */
export class RunRefusal extends Error {
  override readonly name = "RunRefusal";
}
