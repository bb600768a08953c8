import { equal } from "node:assert/strict";
import { faultOfJson } from "../../src/errors/json-fault.ts";

describe("the fault of a JSON text", () => {
  const faultOf = (text: string): string => {
    try {
      JSON.parse(text);
    } catch (error) {
      return faultOfJson(error);
    }
    throw new Error(`${text} is valid JSON.`);
  };

  it("does not say again that the text is not valid JSON, and quotes it", () => {
    equal(faultOf('{"payload": }'), `Unexpected token '}' in {"payload": }`);
    equal(faultOf("[1,,2]"), "Unexpected token ',' in [1,,2]");
    equal(faultOf('["a", "b", c]'), `Unexpected token 'c' in ["a", "b", c]`);
    equal(faultOf(`[${"1,".repeat(40)}x]`).includes("is not valid JSON"), false);
  });

  it("keeps the position if the parser tells one", () => {
    equal(faultOf("{a"), "Expected property name or '}' in JSON at position 1 (line 1 column 2)");
  });
});
