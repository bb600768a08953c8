import { deepEqual, equal, ok } from "node:assert/strict";
import type { Node } from "acorn";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import { ownEntry } from "../../src/errors/own-entry.ts";
import type { PipelineError } from "../../src/errors/pipeline-error.ts";
import { isKnownEvent } from "../../src/runs/run-events.ts";
import { mapEc2Error } from "../../src/services/ec2/map-ec2-error.ts";
import { statusError } from "../../src/services/http/url/url-errors.ts";
import { mapS3Error } from "../../src/services/s3/errors/map-s3-error.ts";
import { contentTypeOf } from "../../src/services/s3/object/content-type.ts";
import { encodeMetadata } from "../../src/services/s3/object/object-metadata.ts";
import { commandError } from "../../src/services/ssm/command-error.ts";
import { mapSsmError } from "../../src/services/ssm/map-ssm-error.ts";
import { costOf } from "../../src/sidebar/cost/cost.ts";
import { walkSources } from "./source-patterns.ts";

/** The names that every object inherits. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

/** Tables that are read only by internal names, or by names that were checked before. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  "src/cli/report-lines.ts": ["MARKS", "TITLES"],
  "src/editor/selection/explain.ts": ["STRATEGIES"],
  "src/editor/selection/strategy-fields.ts": ["SOURCE_FIELDS", "SELECTION_PAIRS"],
  "src/nodes/lightly-run-status/lightly-run-status.ts": ["STATUS_LOOKS"],
  "src/nodes/lightly-s3-upload/source.ts": ["KINDS"],
  "src/nodes/shared/step/step-status.ts": ["LOOKS"],
  "src/plugins/frames/send-picture.ts": ["MAX_BYTES"],
  "src/plugins/lookups/lookup-requests.ts": ["AWS_LOOKUPS", "LIGHTLY_LOOKUPS", "NAMES"],
  "src/services/lightly/client/failure-tolerance.ts": ["TOLERATED_MS"],
  "src/services/lightly/datasets/datasource-access-error.ts": ["ACTIONS", "WORDS"],
  "src/services/lightly/selection/selection-pairs.ts": ["SELECTION_PAIRS"],
  "src/services/pexels/video-filter.ts": ["SIZES"],
  "src/services/s3/source/file-location.ts": ["KERNEL_FILE_SYSTEMS"],
  "src/sidebar/canvas/node-statuses.ts": ["LOOKS"],
  "src/sidebar/check/report-view.ts": ["ICONS"],
  "src/sidebar/gantt/gantt.ts": ["SIZES"],
  "src/sidebar/parts/state-icon.ts": ["ICONS"],
  "src/services/studio/studio-strategies.ts": ["REASONS"],
};

describe("an external name that every object inherits", () => {
  const request = { action: "x:Do", resource: "the resource" };
  const answer = (name: string): Error =>
    Object.assign(new Error("refused"), { name, $fault: "client", $metadata: { httpStatusCode: 400 } });
  const report = {
    commandId: "c",
    instanceId: "i-1",
    status: "Failed",
    statusDetails: "Failed",
    exitCode: 1,
    stdout: "",
    stderr: "",
  };
  const mappers: Readonly<Record<string, (name: string) => PipelineError>> = {
    "of an error of EC2": (name) => mapEc2Error(answer(name), request),
    "of an error of SSM": (name) => mapSsmError(answer(name), request),
    "of an error of S3": (name) => mapS3Error(answer(name), { ...request, bucket: "b", key: "k" }),
    "of a command's end": (name) => commandError({ ...report, statusDetails: name } as never, "the script"),
    "of an HTTP status": (name) => statusError(new URL("http://h/"), name as never),
  };

  for (const [what, map] of Object.entries(mappers)) {
    it(`is unknown as a name ${what}`, () => {
      for (const name of INHERITED) {
        const { code, message } = map(name);
        ok(code in ERROR_CODES && Object.hasOwn(ERROR_CODES, code), `${name}: ${String(code)}`);
        equal(code, map("SomethingUnheardOf").code, name);
        ok(!/native code|undefined|\[object/.test(message), message);
      }
    });
  }

  it("is not an event kind, a file extension, a price or a header", () => {
    for (const name of INHERITED) {
      equal(isKnownEvent({ kind: name }), false, name);
      equal(contentTypeOf(`clip.${name}`), undefined, name);
      equal(costOf([{ instanceId: "i-1", instanceType: name, onMs: 1, idleMs: 0 } as never], {}), undefined, name);
      equal(Object.keys(encodeMetadata({ [name]: "value" })).length, 1, name);
      equal(ownEntry({}, name), undefined, name);
    }
  });

  it("is never used for a plain property access to a table", () => {
    const tables = new Set<string>();
    const reads: (readonly [file: string, table: string])[] = [];
    walkSources((node, file) => {
      const { type, id, init, object, property, computed } = node as Node & {
        id?: { name?: string };
        init?: Node;
        object?: Node & { name?: string };
        property?: Node;
        computed?: boolean;
      };
      if (type === "VariableDeclarator" && init?.type === "ObjectExpression" && id?.name) {
        tables.add(id.name);
      } else if (type === "MemberExpression" && computed && object?.name && property?.type !== "Literal") {
        reads.push([file, object.name]);
      }
    });
    ok(tables.size > 50, "the tables are found");
    const plain = reads.filter(([, table]) => tables.has(table) && /^[A-Z]/.test(table));
    const unexpected = plain.filter(([file, table]) => !CLOSED[file]?.includes(table));
    deepEqual(unexpected, [], "use ownEntry for an external name");
  });
});
