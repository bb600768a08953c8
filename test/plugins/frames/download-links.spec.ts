import { equal, notEqual } from "node:assert/strict";
import { DownloadLinks } from "../../../src/plugins/frames/download-links.ts";

describe("a link for a download", () => {
  it("works once", () => {
    const links = new DownloadLinks(() => 0);
    const [one, other] = [links.create("r"), links.create("r")];
    notEqual(one, other);
    equal(links.use(one), "r");
    equal(links.use(one), undefined);
    equal(links.use(other), "r");
    equal(links.use("guessed"), undefined);
  });

  it("works for a minute", () => {
    let now = 0;
    const links = new DownloadLinks(() => now);
    const [early, late] = [links.create("r"), links.create("r")];
    now = 59_999;
    equal(links.use(early), "r");
    now = 60_000;
    equal(links.use(late), undefined);
  });
});
