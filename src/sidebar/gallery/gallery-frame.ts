/** A selected frame as the runtime lists it. */
export interface GalleryFrame {
  readonly fileName: string;
  /** Absent for a picture of its own. */
  readonly video?: string;
  readonly timeSeconds?: number;
  readonly frame?: number;
  /** To the nearest frame that was selected before it, as far as that is known. */
  readonly distance?: number;
  /** Where its thumbnail is, below the editor's own address. */
  readonly thumbnail: string;
}
