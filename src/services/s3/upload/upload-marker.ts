/** The user metadata (`x-amz-meta-lightly-claim`) by which an object is recognised as made by one certain upload. */
export const CLAIM_NAME = "lightly-claim";

/** An object's user metadata, as it is sent and as a HEAD request gives it back. */
interface Described {
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

/** The claim of an upload, in the form in which S3 shows it. */
export function claimOf({ Metadata: metadata }: Described): string | undefined {
  return metadata?.[CLAIM_NAME];
}

/** Whether the object carries this claim. Without a claim no object does. */
export function isClaimed(found: Described | undefined, claim: string | undefined): boolean {
  return claim !== undefined && found !== undefined && claimOf(found) === claim;
}
