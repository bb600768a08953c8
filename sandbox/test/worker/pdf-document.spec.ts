import assert from "node:assert/strict";
import sharp from "sharp";
import { PdfPage, writePdf } from "../../src/worker/artifacts/pdf-document.ts";

describe("A PDF document", () => {
  async function write(): Promise<string> {
    const bytes = await sharp({ create: { width: 4, height: 2, channels: 3, background: "red" } })
      .jpeg()
      .toBuffer();
    const page = new PdfPage();
    page.text(10, 20, "a (text) with \\ and ü, but 漢");
    page.rectangle(0, 0, 10, 10, 0.5);
    page.picture(10, 30, 40, 20, { bytes, width: 4, height: 2 });
    const info = { title: "two (pages)", createdAt: new Date(Date.UTC(2026, 10, 29, 9, 5, 7)) };
    return writePdf([page, new PdfPage()], info).toString("latin1");
  }

  it("has a table with the exact position of every object", async () => {
    const pdf = await write();
    const [, at = ""] = /startxref\n(\d+)\n%%EOF\n$/.exec(pdf) ?? [];
    const table = pdf.slice(Number(at));
    assert.match(table, /^xref\n0 \d+\n0000000000 65535 f \n/);
    const offsets = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
    assert.equal(offsets.length, pdf.match(/\d+ 0 obj\n/g)?.length);
    offsets.forEach((offset, index) => {
      assert.ok(pdf.slice(offset).startsWith(`${index + 1} 0 obj\n`));
    });
  });

  it("states the exact length of every stream", async () => {
    const pdf = await write();
    const streams = [...pdf.matchAll(/\/Length (\d+) >>\nstream\n/g)];
    assert.equal(streams.length, 3);
    for (const { 0: head, 1: length, index } of streams) {
      assert.ok(pdf.slice(index + head.length + Number(length)).startsWith("\nendstream"));
    }
  });

  it("escapes text, replaces characters that its fonts lack, and has a title and a date", async () => {
    const pdf = await write();
    assert.ok(pdf.includes("(a \\(text\\) with \\\\ and ü, but ?) Tj"));
    assert.ok(pdf.includes("/Title (two \\(pages\\))"));
    assert.ok(pdf.includes("/CreationDate (D:20261129090507Z)"));
    assert.ok(pdf.includes("/Count 2"));
  });
});
