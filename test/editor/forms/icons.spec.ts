import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { builtFolders } from "../../package/built-node.ts";
import { inBothThemes } from "../accessibility.ts";
import { takePictures } from "../editor-page.ts";
import { useFlowEditor } from "../use-editor.ts";
import { lookAtIcon } from "./icon-pixels.ts";

const TYPES = builtFolders().map((folder) => folder);
const isAccount = (type: string): boolean => type.endsWith("-account");
const STEPS = TYPES.filter((type) => !isAccount(type));
const FLOW = [
  { id: "tab", type: "tab", label: "icons" },
  ...TYPES.map((type, index) => ({
    id: type,
    type,
    name: type,
    ...(isAccount(type) ? {} : { z: "tab", x: 200, y: 40 + 50 * index, wires: [] }),
  })),
];
/** The service of a step; run status has none. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  ec2: ["lightly-ec2-start", "lightly-ec2-stop"],
  batch: ["lightly-batch-run"],
  lightly: ["lightly-results", "lightly-run", "lightly-studio-select"],
  pexels: ["lightly-pexels-download"],
  runs: ["lightly-run-status"],
  s3: ["lightly-s3-upload"],
  ssm: ["lightly-ssm-run-script"],
  videos: ["lightly-video-source"],
};
/** Icons must be white: https://nodered.org/docs/creating-nodes/appearance. These core nodes are the reference for the contrast. */
const CORE_TYPES = ["inject", "function", "http in", "link in"];
/** Thin lines have less contrast than wide ones. */
const THIN = 0.9;
/** The minimum share of drawn pixels: a line or two. */
const SHARE = 0.04;

declare const RED: { nodes: { getType(type: string): { readonly color: string; readonly icon: string } } };

describe("the icons of the nodes", () => {
  const opened = useFlowEditor({ flow: FLOW });
  let page: Page;

  before(() => {
    page = opened.editor.page;
  });

  const inPalette = (type: string): Locator =>
    page.locator(`[data-palette-type="${type}"] .red-ui-palette-icon-container`);

  /** Checks the icons of some types, located by `find`, in both themes. */
  async function assertSeen(types: readonly string[], find: (type: string) => Locator): Promise<void> {
    await inBothThemes(page, async () => {
      const core: number[] = [];
      for (const type of CORE_TYPES) {
        core.push((await lookAtIcon(inPalette(type), 1)).best);
      }
      const least = THIN * Math.min(...core);
      for (const type of types) {
        const { strong, best } = await lookAtIcon(find(type), least);
        assert.ok(
          strong >= SHARE,
          `${type}: ${(strong * 100).toFixed(1)} % of its icon has ${least.toFixed(2)} : 1, at best ${best.toFixed(2)} : 1`,
        );
      }
    });
  }

  it("are loaded, and all differ", async () => {
    const shown = new Set<string>();
    for (const type of STEPS) {
      const icon = page.locator(`[id="${type}"] .red-ui-flow-node-icon`);
      const href = (await icon.getAttribute("xlink:href")) ?? (await icon.getAttribute("href"));
      assert.ok(href, type);
      shown.add(href);
      assert.ok((await naturalWidth(page, href)) > 0, href);
    }
    assert.equal(shown.size, STEPS.length);
  });

  it("have enough contrast to the color of their node in the palette, in both themes", async () => {
    await assertSeen(STEPS, inPalette);
  });

  it("have enough contrast to the color of their node in the workspace, in both themes", async () => {
    await assertSeen(STEPS, (type) => page.locator(`[id="${type}"] .red-ui-flow-node-icon-group`));
    await takePictures(page, "icons");
  });

  // The editor shows its own cog for every account, but the list of icons contains these.
  it("exist for accounts too", async () => {
    for (const type of TYPES.filter(isAccount)) {
      const icon = await page.evaluate((name) => RED.nodes.getType(name).icon, type);
      assert.ok((await naturalWidth(page, `icons/node-red-contrib-lightly-aws/${icon}`)) > 0, icon);
    }
  });

  it("have one color per service", async () => {
    assert.deepEqual(Object.values(SERVICES).flat().sort(), STEPS);
    const colourOf = (type: string): Promise<string> => page.evaluate((name) => RED.nodes.getType(name).color, type);
    const colours: string[] = [];
    for (const types of Object.values(SERVICES)) {
      const own = new Set(await Promise.all(types.map(colourOf)));
      assert.equal(own.size, 1, types.join());
      colours.push(...own);
    }
    assert.equal(new Set(colours).size, colours.length, colours.join());
  });
});

/** The width of a picture in the browser; 0 if it is not a picture. */
function naturalWidth(page: Page, url: string): Promise<number> {
  return page.evaluate(
    (source) =>
      new Promise<number>((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image.naturalWidth);
        image.onerror = () => resolve(0);
        image.src = source;
      }),
    url,
  );
}

declare class Image {
  naturalWidth: number;
  src: string;
  onload: () => void;
  onerror: () => void;
}
