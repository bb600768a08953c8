import type { GalleryFrame } from "./gallery-frame.ts";

/** A page of the frames of a run. */
interface FramePage {
  readonly frames: readonly GalleryFrame[];
  readonly total: number;
  readonly more: boolean;
}

/** An error response, with its code. */
export class GalleryError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads all frames of a run, page by page. Uses jQuery because the editor has configured its base URL and access token. */
export async function readFrames(runId: string, isCanceled: () => boolean): Promise<GalleryFrame[]> {
  const frames: GalleryFrame[] = [];
  for (let more = true; more && !isCanceled(); ) {
    const url = `lightly-aws/runs/${encodeURIComponent(runId)}/frames?offset=${frames.length}`;
    const page = await get<FramePage>({ url, dataType: "json", headers: { Accept: "application/json" } });
    frames.push(...page.frames);
    more = page.more && page.frames.length > 0;
  }
  return frames;
}

/** Reads a picture as an object URL, to be revoked by the caller. An `img` element would not send the access token. */
export async function readPicture(url: string): Promise<string> {
  return URL.createObjectURL(await get<Blob>({ url, xhrFields: { responseType: "blob" } }));
}

function get<T>(settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({ method: "GET", ...settings }).then(
      (answer: T) => resolve(answer),
      ({ status, statusText, responseJSON }: JQuery.jqXHR) => {
        const { code, message } = Object(responseJSON) as { code?: string; message?: string };
        reject(new GalleryError(code ?? `HTTP_${status}`, message ?? statusText));
      },
    );
  });
}
