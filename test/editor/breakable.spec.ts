import { deepEqual, equal, ok } from "node:assert/strict";
import { breakableParts } from "../../src/editor/breakable.ts";
import { leastProcessorMs } from "../support/processor-time.ts";

describe("the line breaks in texts of a form", () => {
  it("are after the colons and slashes of an ARN, never in its words", () => {
    deepEqual(breakableParts("Signed in as arn:aws:sts::123456789012:assumed-role/Role/me"), [
      ...["Signed in as arn:", "aws:", "sts::", "123456789012:", "assumed-role/", "Role/", "me"],
    ]);
  });

  it("are not between adjacent separators of an address, and not before a space", () => {
    deepEqual(breakableParts("No answer: https://api.lightly.ai/v1/"), [
      ...["No answer: https://", "api.lightly.ai/", "v1/"],
    ]);
  });

  it("are not in the name of a permission", () => {
    deepEqual(breakableParts("Allowed: s3:ListAllMyBuckets, ec2:DescribeInstances"), [
      "Allowed: s3:ListAllMyBuckets, ec2:DescribeInstances",
    ]);
  });

  it("are found in time in proportion to the text", () => {
    for (const unit of [":a", "a/a", "x:aaaaaaaaaa"]) {
      // It was more than 2,000 ms when each separator scanned the whole word.
      ok(leastProcessorMs(() => breakableParts(unit.repeat(30_000)), 500) < 500, unit);
    }
  });

  it("don't change the text", () => {
    for (const text of ["", "a", ":", "a:b", "/a//b:/c", "<b>a:b</b>"]) {
      equal(breakableParts(text).join(""), text);
    }
  });
});
