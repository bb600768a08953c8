import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { RunOutput } from "./selected-frames.ts";

/** Writes a page that shows the frames and their positions in each video; it only needs the images in the same folder. */
export async function writeContactSheet(
  file: string,
  lines: readonly string[],
  { report, frames }: RunOutput,
): Promise<void> {
  const title = `${report.framesSelected} of ${report.framesSeen} frames`;
  const timelines = report.inputs.map(
    ({ name, frames: length, selectedFrames }) =>
      `<h2>${escaped(basename(name))}</h2>\n<svg viewBox="0 0 ${length} 12" preserveAspectRatio="none" role="img" aria-label="Positions of the selected frames in the video">${selectedFrames.map((at) => `<rect x="${at}" width="1" height="12"/>`).join("")}</svg>`,
  );
  const figures = frames.map(
    ({ name, seconds, file: image }) =>
      `<figure><img src="${encodeURIComponent(basename(image))}" alt="${escaped(name)}" loading="lazy"><figcaption>${seconds.toFixed(2)} s</figcaption></figure>`,
  );
  await writeFile(
    file,
    page(title, [...lines.map((line) => `<p>${escaped(line)}</p>`), ...timelines, "<main>", ...figures, "</main>"]),
  );
}

function page(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
  h1, h2 { font-weight: 600; }
  h2 { font-size: 1rem; margin-bottom: 0.25rem; }
  p { margin: 0.25rem 0; }
  svg { background: color-mix(in srgb, currentColor 10%, transparent); display: block; height: 1rem; width: 100%; }
  rect { fill: currentColor; }
  main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); margin-top: 1.5rem; }
  figure { margin: 0; }
  img { border-radius: 4px; display: block; width: 100%; }
  figcaption { font-size: 0.8rem; opacity: 0.7; padding-top: 0.25rem; }
</style>
<h1>${escaped(title)}</h1>
${body.join("\n")}
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
