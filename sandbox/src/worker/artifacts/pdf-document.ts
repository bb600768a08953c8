/** Width and height of A4 in points, a 72nd of an inch. */
export const PAGE = { width: 595, height: 842 } as const;

/** A JPEG file and its size in pixels. */
export interface Jpeg {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/** One page. Positions are points from its upper left corner. */
export class PdfPage {
  readonly pictures: Jpeg[] = [];
  readonly #operators: string[] = [];

  /** One line of text; `top` is its baseline. Characters outside of Latin-1 are replaced: the font has no others. */
  text(x: number, top: number, text: string, { size = 10, bold = false } = {}): void {
    this.#operators.push(`BT /${bold ? "F2" : "F1"} ${size} Tf ${x} ${PAGE.height - top} Td (${literal(text)}) Tj ET`);
  }

  /** A filled rectangle. @param gray - 0 is black, 1 is white */
  rectangle(x: number, top: number, width: number, height: number, gray: number): void {
    const bottom = PAGE.height - top - height;
    this.#operators.push(`${gray} g ${round(x)} ${round(bottom)} ${round(width)} ${round(height)} re f 0 g`);
  }

  picture(x: number, top: number, width: number, height: number, jpeg: Jpeg): void {
    this.pictures.push(jpeg);
    const bottom = PAGE.height - top - height;
    const place = [width, 0, 0, height, x, bottom].map(round).join(" ");
    this.#operators.push(`q ${place} cm /P${this.pictures.length} Do Q`);
  }

  get content(): Buffer {
    return Buffer.from(`${this.#operators.join("\n")}\n`, "latin1");
  }
}

/**
 * Writes a PDF 1.4 file with text in Helvetica, which every reader has, and JPEG pictures, which are embedded unchanged.
 * That is all a report needs, so no library is used.
 */
export function writePdf(pages: readonly PdfPage[], info: { title: string; createdAt: Date }): Buffer<ArrayBuffer> {
  const objects: Buffer[] = [];
  const add = (...parts: Array<string | Buffer>): number =>
    objects.push(Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))));
  const addStream = (dictionary: string, bytes: Buffer): number =>
    add(`<< ${dictionary} /Length ${bytes.length} >>\nstream\n`, bytes, "\nendstream");

  const font = (name: string): number =>
    add(`<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`);
  const fonts = `/F1 ${font("Helvetica")} 0 R /F2 ${font("Helvetica-Bold")} 0 R`;
  const infoId = add(
    `<< /Title (${literal(info.title)}) /Producer (Stand-in for Lightly Worker) /CreationDate (${dateOf(info.createdAt)}) >>`,
  );
  // Each page is a picture per object, its content and itself; the tree of pages comes after all of them.
  const treeId = objects.length + pages.reduce((sum, { pictures }) => sum + pictures.length + 2, 0) + 1;
  const pageIds = pages.map((page) => {
    const pictures = page.pictures.map(({ bytes, width, height }, index) => {
      const size = `/Width ${width} /Height ${height} /BitsPerComponent 8 /ColorSpace /DeviceRGB`;
      return `/P${index + 1} ${addStream(`/Type /XObject /Subtype /Image ${size} /Filter /DCTDecode`, bytes)} 0 R`;
    });
    const contentId = addStream("", page.content);
    const resources = `<< /Font << ${fonts} >> /XObject << ${pictures.join(" ")} >> >>`;
    const box = `[0 0 ${PAGE.width} ${PAGE.height}]`;
    return add(
      `<< /Type /Page /Parent ${treeId} 0 R /MediaBox ${box} /Resources ${resources} /Contents ${contentId} 0 R >>`,
    );
  });
  add(`<< /Type /Pages /Kids [${pageIds.map((id) => `${id} 0 R`).join(" ")}] /Count ${pageIds.length} >>`);
  const catalogId = add(`<< /Type /Catalog /Pages ${treeId} 0 R >>`);
  return assemble(objects, `/Root ${catalogId} 0 R /Info ${infoId} 0 R`);
}

function assemble(objects: readonly Buffer[], trailer: string): Buffer<ArrayBuffer> {
  // The bytes above 127 tell programs that transfer the file that it is not text.
  const parts = [Buffer.from("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "latin1")];
  let bytes = parts[0]?.length ?? 0;
  const offsets = objects.map((object, index) => {
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    const offset = bytes;
    parts.push(part);
    bytes += part.length;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${entries}`;
  parts.push(Buffer.from(`${table}trailer\n<< /Size ${size} ${trailer} >>\nstartxref\n${bytes}\n%%EOF\n`));
  return Buffer.concat(parts);
}

const round = (value: number): number => Math.round(value * 100) / 100;

const literal = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e\xa0-\xff]/gu, "?").replaceAll(/[\\()]/g, (character) => `\\${character}`);

/** `D:20261129104500Z` */
const dateOf = (date: Date): string => `D:${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
