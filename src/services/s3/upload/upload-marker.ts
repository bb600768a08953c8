/** The user metadata (`x-amz-meta-lightly-upload-marker`) that identifies the upload which created an object. */
export const MARKER_NAME = "lightly-upload-marker";

/** An object's user metadata, as it is sent and as a HEAD request returns it. */
interface WithMetadata {
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

/** The marker of an upload, as S3 returns it. */
export function markerOf({ Metadata: metadata }: WithMetadata): string | undefined {
  return metadata?.[MARKER_NAME];
}

/** Whether the object has this marker; `false` without a marker. */
export function hasMarker(found: WithMetadata | undefined, marker: string | undefined): boolean {
  return marker !== undefined && found !== undefined && markerOf(found) === marker;
}
