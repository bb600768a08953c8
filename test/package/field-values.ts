import type { Field } from "../../src/fields/field.ts";

const ROLE = "arn:aws:iam::123456789012:role/lightly-access";

/** Values that some rules accept and others refuse. Form and runtime once disagreed on the first ones. */
const TEXTS: readonly unknown[] = [
  ...["xn--abc", "i-0123456789abcdef0 i-12345678", "arn:aws:iam::123456789012:rolex", "xx-nowhere-9", "us-gov-east-1"],
  ...["eu-central-1", "us-gov-east", "Frankfurt", "my-bucket.1", "My_Bucket", "10.0.0.1", "ab", "a..b", "a--x-s3"],
  ...["i-12345678", "i-123", "i-12345678,i-0123456789abcdef0", ",", "i-12345678\ni-12345678", ROLE, `${ROLE}/`],
  ...["arn:aws-us-gov:iam::123456789012:role/x", "short", "0123456789", "with blank id", "street-1 a_b", "street/1"],
  ...[
    "s3://my-bucket",
    "s3://my-bucket/a b/c",
    "s3://xn--a/b",
    "s3://",
    "http://127.0.0.1:9",
    "127.0.0.1:9",
    "ftp://a",
  ],
  ...["arn:aws:s3:us-west-2:123456789012:accesspoint/videos", "arn:aws:s3:::bucket/videos", "tenant:videos", "a_b"],
  ...[
    "arn:aws:s3::123456789012:accesspoint/abc.mrap",
    "abc.mrap",
    "a-x1-s3alias",
    "s3:/a",
    "S3://Bucket/v",
    "videos/ä",
  ],
  ...["max-age=60", 'attachment; filename="ä.mp4"', "a\tb"],
  ...["video/mp4", "video", "lightly/worker:latest", "a; b", "0,1", "0, 1", "0;1", "/lightly/token", "file:///a"],
  ...["-v 'a b:/c'", "-v 'a b", "/tmp", "~/tmp", "tmp", "/tmp/{{a}}", "{prefix}/{date}", "{prefix}/{uuid}", "{a b}"],
  ...["video/mp4; codecs=avc1", "video/mp4; name=ä", '"--fast"', '"a b"'],
  ...['{"numProcesses": 2}', "{", "[]", "[1]", '["a", 1]', "[{}]", '["a", true]', "null", "1", " 1 ", "x"],
  ...["", " ", undefined],
];

/** Values of a field: valid, at and just beyond its limits, and malformed. */
export function valuesFor(field: Field): readonly unknown[] {
  switch (field.kind) {
    case "number":
      return numbersFor(field);
    case "choice":
      return [...Object.keys(field.choices ?? {}), "another", "", undefined];
    case "flag":
      return [true, false, "true", "", undefined];
    case "pairs":
      return pairsFor(field);
    case "json":
    case "list":
      // Node-RED can't evaluate invalid JSON.
      return field.typed?.literal.startsWith("json") ? TEXTS.filter(isJsonOrBlank) : TEXTS;
    default:
      return TEXTS;
  }
}

function isJsonOrBlank(value: unknown): boolean {
  try {
    return typeof value !== "string" || value.trim() === "" || JSON.parse(value) !== undefined;
  } catch {
    return false;
  }
}

function numbersFor({ limits: { min = 0, max = 1e9 } = {}, value }: Field): readonly unknown[] {
  const near = [0.1, 30, min, max].flatMap((limit) => [limit, limit * 0.999, limit * 1.001, limit - 1, limit + 1]);
  const numbers = [...near, 0, -1, 1, 1.5, 0.5, 2, 3600, 3601, value];
  return [
    ...numbers,
    ...numbers.map(String),
    "often",
    "1e3",
    "0x10",
    "Infinity",
    "NaN",
    "1,5",
    "1e300",
    1e300,
    2 ** 53,
    "",
    " ",
    undefined,
  ];
}

function pairsFor({ pairs: { key, max = 10 } = { key: "key" } }: Field): readonly unknown[] {
  const rows = (count: number) => Array.from({ length: count }, (_row, index) => ({ [key]: `k${index}`, value: "v" }));
  const named = (...names: string[]) => names.map((name) => ({ [key]: name, value: "v" }));
  return [
    [],
    rows(1),
    rows(max),
    rows(max + 1),
    named(""),
    named("a", "a"),
    named("1A"),
    named("a b"),
    named(" a "),
    "",
    null,
    undefined,
  ];
}
