/** A selected frame as the admin API lists it. */
export interface GalleryFrame {
  readonly fileName: string;
  /** Absent for a picture that is not from a video. */
  readonly video?: string;
  readonly timeSeconds?: number;
  readonly frame?: number;
  /** To the nearest frame that was selected earlier, if known. */
  readonly distance?: number;
  /** Relative to the address of the editor. */
  readonly thumbnailUrl: string;
}
