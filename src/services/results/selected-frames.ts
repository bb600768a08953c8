import type { AddressRules } from "../http/guard/guard-address.ts";
import type { ReadableFrame, TaggedFrame } from "../lightly/frames/tagged-frames.ts";
import type { OpenedObject } from "../s3/object/read-object.ts";

/** A frame that a run has selected. Each optional member is set if the engine knows it. */
export interface SelectedFrame extends TaggedFrame {
  /** The distance to the nearest frame that was selected before it, earlier runs included. */
  readonly distance?: number;
}

/** A frame and its URL, which is a secret. */
export interface LinkedFrame extends SelectedFrame, ReadableFrame {}

/** An open picture, to be read once, of either engine. */
export type PictureStream = OpenedObject;

/** The selected frames of a run. Both engines have the same interface: Lightly's platform (a tag of a dataset), LightlyStudio (a manifest in S3). */
export interface SelectedFrames {
  /** Identifies the selection. */
  readonly id: string;
  /** For titles: the name of the tag or of the run. */
  readonly name: string;
  /** The number of frames. */
  readonly total: number;
  /** The folders of S3, `s3://bucket/prefix`, from which S3 may copy the frames. If there are none, frames are streamed. */
  readonly sources: readonly string[];
  /** The addresses of the signed URLs that are allowed in addition to public addresses. */
  readonly addresses: AddressRules;
  /** Whether frames have distances. */
  readonly hasDistances: boolean;
  /** Whether there are small pictures too. A picture of one may be missing. */
  readonly hasThumbnails: boolean;

  /**
   * Reads all frames, page by page, in the order of the tag or of the selection.
   *
   * @param options.namesOnly - whether the names are sufficient
   */
  frames(options: { readonly namesOnly?: boolean; readonly signal: AbortSignal }): AsyncIterable<SelectedFrame[]>;

  /** Reads all frames with URLs, which are valid for `urlSeconds`, and with URIs if requested. */
  readable(options: ReadableOptions): AsyncIterable<LinkedFrame[]>;

  /**
   * Opens the picture of a frame.
   *
   * @throws PipelineError `SOURCE_NOT_FOUND` if there is none
   */
  open(frame: SelectedFrame, options: OpenPictureOptions): Promise<PictureStream>;
}

export interface ReadableOptions {
  readonly urlSeconds: number;
  readonly withUris?: boolean;
  readonly signal: AbortSignal;
}

export interface OpenPictureOptions {
  readonly size: "thumbnail" | "full";
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
