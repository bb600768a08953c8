import type { LibraryFile, LibraryVideo } from "./video-library.ts";

/** How many preview pictures each video has. */
export const PREVIEWS = 3;

const FILE_TYPES: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m4v: "video/x-m4v",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
};

/** The media type of a file, by its name. */
export function fileType(name: string): string {
  return FILE_TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream";
}

/** A video as Pexels' API writes it, with every link pointing at `base`. */
export function videoJson(video: LibraryVideo, base: string): object {
  const { id, title, author, durationSeconds, files } = video;
  const slug = slugOf(title);
  return {
    id,
    width: files[0]?.width,
    height: files[0]?.height,
    duration: Math.round(durationSeconds),
    full_res: null,
    tags: [],
    url: `${base}/video/${slug}-${id}/`,
    image: `${base}/pictures/${id}/preview-0.jpg`,
    avg_color: null,
    user: { id: 1, name: author, url: `${base}/@${slugOf(author)}` },
    video_files: [...files.map((file, index) => fileJson(id, file, index, base)), playlistJson(id, base)],
    video_pictures: Array.from({ length: PREVIEWS }, (_, nr) => ({
      id: id * 10 + nr,
      nr,
      picture: `${base}/pictures/${id}/preview-${nr}.jpg`,
    })),
  };
}

/** A title as part of a URL. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function fileJson(id: number, { name, width, height, fps, bytes }: LibraryFile, index: number, base: string): object {
  return {
    id: id * 10 + index,
    quality: width >= 2560 ? "uhd" : width >= 1280 ? "hd" : "sd",
    file_type: fileType(name),
    ...{ width, height, fps },
    link: `${base}/files/${encodeURIComponent(name)}`,
    size: bytes,
  };
}

/** Pexels lists the HLS playlist among the files, and calls it `video/mp4` as well: it differs only in quality, missing size and link. */
function playlistJson(id: number, base: string): object {
  return {
    id: id * 10 + 9,
    quality: "hls",
    file_type: "video/mp4",
    ...{ width: null, height: null, fps: null },
    link: `${base}/files/${id}.m3u8`,
    size: null,
  };
}
