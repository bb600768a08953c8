/** A request that the stand-in does not do, with the code that the script has for it. */
export class StudioRefusal extends Error {
  readonly code: keyof typeof EXIT_CODES;

  constructor(code: keyof typeof EXIT_CODES, message: string) {
    super(message);
    this.code = code;
  }
}

/** The exit codes of the script, as far as the stand-in ends with them. */
export const EXIT_CODES = {
  STUDIO_SCRIPT_FAILED: 1,
  STUDIO_SPEC_INVALID: 2,
  STUDIO_INPUT_UNREADABLE: 4,
  STUDIO_OUTPUT_REFUSED: 5,
} as const;
export const NOTHING_SELECTED = 3;

/** What the script is told to do. */
export interface StudioRequest {
  readonly runId: string;
  readonly dataset: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly datasetUri: string;
  readonly selection: unknown;
  readonly framesPerSecond: number | null;
  readonly extension: ".png" | ".jpg" | ".webp";
}

/**
 * Finds the request in the program that a command hands to Python.
 *
 * @returns `undefined` for any other program
 */
export function findRequest(program: string): StudioRequest | undefined {
  const encoded = /^REQUEST = "([A-Za-z0-9+/=]+)"$/m.exec(program)?.[1];
  if (encoded === undefined) {
    return undefined;
  }
  return parseRequest(Buffer.from(encoded, "base64").toString("utf8"));
}

/** Reads the request that the script has as its argument: JSON. @throws StudioRefusal */
export function parseRequest(json: string): StudioRequest {
  const given = parseObject(json);
  return {
    ...given,
    output: withoutSlash(given.output),
    datasetUri: withoutSlash(given.datasetUri),
    framesPerSecond: given.framesPerSecond ?? null,
    extension: given.extension ?? ".png",
  };
}

function parseObject(json: string): StudioRequest {
  try {
    return JSON.parse(json) as StudioRequest;
  } catch (error) {
    throw new StudioRefusal("STUDIO_SPEC_INVALID", `The spec is not JSON: ${(error as Error).message}`);
  }
}

function withoutSlash(uri: string): string {
  return uri.endsWith("/") ? withoutSlash(uri.slice(0, -1)) : uri;
}
