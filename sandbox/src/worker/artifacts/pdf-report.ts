import sharp from "sharp";
import type { NewSample } from "../register-samples.ts";
import type { RunReport } from "../worker-report.ts";
import { type Jpeg, PAGE, PdfPage, writePdf } from "./pdf-document.ts";

const MARGIN = 40;
const LINE = 16;
const INNER = PAGE.width - 2 * MARGIN;
/** Longest text that fits into a line. */
const MAX_LINE_LENGTH = 88;
const COLUMNS = 4;
const CELL = { width: INNER / COLUMNS, height: 106, gap: 8 } as const;
/** Pictures in the report; each has about 10 kB. */
const MAX_PICTURES = 48;

/** The report for people, the run's REPORT_PDF artifact: figures, a timeline of each input, and the selected frames. */
export async function pdfReport(
  report: RunReport,
  samples: readonly NewSample[],
  createdAt: Date,
): Promise<Buffer<ArrayBuffer>> {
  const pages = [...summaryPages(report), ...(await picturePages(samples))];
  return writePdf(pages, { title: `Report of run ${report.runId}`, createdAt });
}

function summaryPages(report: RunReport): PdfPage[] {
  const { inputs, broken } = report;
  const pages: PdfPage[] = [];
  let page = new PdfPage();
  let top = 0;
  const startPage = (): void => {
    page = new PdfPage();
    pages.push(page);
    top = MARGIN + 20;
  };
  const line = (text: string, options?: Parameters<PdfPage["text"]>[3], needed = LINE): void => {
    if (top + needed > PAGE.height - MARGIN) {
      startPage();
    }
    page.text(MARGIN, top, shorten(text), options);
    top += LINE;
  };

  startPage();
  line("Selection report", { size: 20, bold: true });
  line(report.worker, { size: 8 });
  for (const [name, value] of figures(report)) {
    line(`${name}: ${value}`);
  }
  top += LINE;
  line("Inputs", { size: 14, bold: true });
  for (const { name, frames, durationSeconds, selectedFrames } of inputs) {
    const seconds = durationSeconds > 0 ? `, ${durationSeconds.toFixed(1)} s` : "";
    line(`${name}: ${selectedFrames.length} of ${frames} frames${seconds}`, {}, 2 * LINE);
    page.rectangle(MARGIN, top - 10, INNER, 8, 0.88);
    for (const index of selectedFrames) {
      page.rectangle(MARGIN + (index / Math.max(frames, 1)) * INNER, top - 10, 1.5, 8, 0.1);
    }
    top += LINE;
  }
  if (broken.length > 0) {
    line("Inputs that could not be decoded", { size: 14, bold: true });
    for (const { name, reason } of broken) {
      line(`${name}: ${reason}`);
    }
  }
  return pages;
}

function figures(report: RunReport): ReadonlyArray<readonly [string, string | number]> {
  return [
    ["Dataset", report.datasetId],
    ["Run", report.runId],
    ["Tag", report.tag ?? "none"],
    ["Embedding", report.embedding],
    ["Frames", report.framesSeen],
    ["Selected", report.framesSelected],
    ["Selected by earlier runs", report.selectedBefore],
    ["Largest distance of a remaining frame to a selected one", report.largestGap.toFixed(3)],
  ];
}

async function picturePages(samples: readonly NewSample[]): Promise<PdfPage[]> {
  const rows = Math.floor((PAGE.height - 2 * MARGIN - 2 * LINE) / CELL.height);
  const pages: PdfPage[] = [];
  for (const [index, { fileName, files }] of samples.slice(0, MAX_PICTURES).entries()) {
    const place = index % (rows * COLUMNS);
    if (place === 0) {
      const page = new PdfPage();
      const more = samples.length > MAX_PICTURES ? `, the first ${MAX_PICTURES} of ${samples.length}` : "";
      page.text(MARGIN, MARGIN + 10, `Selected frames${more}`, { size: 14, bold: true });
      pages.push(page);
    }
    const x = MARGIN + (place % COLUMNS) * CELL.width;
    const top = MARGIN + 2 * LINE + Math.floor(place / COLUMNS) * CELL.height;
    const picture = await readJpeg(files.thumb);
    const scale = Math.min((CELL.width - CELL.gap) / picture.width, (CELL.height - 20) / picture.height);
    pages.at(-1)?.picture(x, top, picture.width * scale, picture.height * scale, picture);
    pages.at(-1)?.text(x, top + CELL.height - 10, shorten(fileName, 40), { size: 6 });
  }
  return pages;
}

async function readJpeg(path: string): Promise<Jpeg> {
  const picture = sharp(path).flatten({ background: "white" }).toColorspace("srgb");
  const { data, info } = await picture.jpeg({ quality: 70 }).toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.height };
}

/** The end of a name says more than its middle. */
function shorten(text: string, maxLength = MAX_LINE_LENGTH): string {
  const half = Math.floor((maxLength - 3) / 2);
  return text.length <= maxLength ? text : `${text.slice(0, half)}...${text.slice(-half)}`;
}
