import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { SelectedFrame } from "./selected-frames.ts";

/** What stands above the frames. */
export interface SheetHeading {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Writes a page that shows the frames side by side; it needs nothing but the image files beside it. */
export async function writeContactSheet(
  file: string,
  { title, lines }: SheetHeading,
  frames: readonly SelectedFrame[],
): Promise<void> {
  const figures = frames.map(
    ({ name, file: image }) =>
      `<figure><img src="${encodeURIComponent(basename(image))}" alt="${escaped(name)}" loading="lazy"><figcaption>${escaped(basename(name))}</figcaption></figure>`,
  );
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
  main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); }
  figure { margin: 0; }
  img { border-radius: 4px; display: block; width: 100%; }
  figcaption { font-size: 0.75rem; opacity: 0.7; overflow-wrap: anywhere; padding-top: 0.25rem; }
</style>
<h1>${escaped(title)}</h1>
${lines.map((line) => `<p>${escaped(line)}</p>`).join("\n")}
<main>
${figures.join("\n")}
</main>
</html>
`;
  await writeFile(file, page);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
