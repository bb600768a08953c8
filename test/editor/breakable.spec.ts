import { deepEqual, equal, ok } from "node:assert/strict";
import { breakableParts } from "../../src/editor/breakable.ts";

describe("where the lines of what a form says may end", () => {
  it("is behind the colons and slashes of an ARN, never within its words", () => {
    deepEqual(breakableParts("Signed in as arn:aws:sts::123456789012:assumed-role/Role/me"), [
      ...["Signed in as arn:", "aws:", "sts::", "123456789012:", "assumed-role/", "Role/", "me"],
    ]);
  });

  it("is not between the characters that part an address, nor before a blank", () => {
    deepEqual(breakableParts("No answer: https://api.lightly.ai/v1/"), [
      ...["No answer: https://", "api.lightly.ai/", "v1/"],
    ]);
  });

  it("is not within the name of a permission", () => {
    deepEqual(breakableParts("Allowed: s3:ListAllMyBuckets, ec2:DescribeInstances"), [
      "Allowed: s3:ListAllMyBuckets, ec2:DescribeInstances",
    ]);
  });

  it("is found in time that grows no faster than the text", () => {
    for (const unit of [":a", "a/a", "x:aaaaaaaaaa"]) {
      const began = performance.now();
      breakableParts(unit.repeat(30_000));
      // It was more than 2,000 ms when each separator looked along the whole word.
      ok(performance.now() - began < 500, unit);
    }
  });

  it("changes nothing of the text", () => {
    for (const text of ["", "a", ":", "a:b", "/a//b:/c", "<b>a:b</b>"]) {
      equal(breakableParts(text).join(""), text);
    }
  });
});
