import { type BitMask, readBitMask, writeBitMask } from "../bit-mask.ts";
import { conflict } from "../http/api-fault.ts";
import { choice, object, objectId } from "../http/body-schema.ts";
import { ok, type Route, route } from "../http/router.ts";
import { tagName } from "../schemas/common.ts";
import type { World } from "../world.ts";
import { addTag, changeEntries, requireTag, tagCreator } from "./tag-routes.ts";

const OPERATIONS = {
  UNION: (a, b) => a | b,
  INTERSECTION: (a, b) => a & b,
  DIFFERENCE: (a, b) => a & ~b,
} as const satisfies Record<string, (a: BitMask, b: BitMask) => BitMask>;

const request = object(
  { tagId1: objectId, tagId2: objectId, operation: choice("UNION", "INTERSECTION", "DIFFERENCE") },
  { newTagName: tagName, creator: tagCreator, runId: objectId },
);

/** With `newTagName` it creates a tag and returns its id, without one the bit mask. 200 in both cases, not 201. */
export function tagArithmeticsRoutes(world: World): Route[] {
  return [
    route("POST /v1/datasets/{datasetId}/tags/arithmetics", { body: request }, ({ params: { datasetId }, body }) => {
      const { mask, first, second } = combine(world, datasetId, body);
      if (body.newTagName === undefined) {
        return ok({ bitMaskData: writeBitMask(mask) });
      }
      if (first.totSize !== second.totSize) {
        throw conflict("DATASET_TAG_INVALID", "The tags are of different sizes.");
      }
      const fields = { name: body.newTagName, prevTagId: first.id, totSize: first.totSize };
      const change = { arithmetics: { operation: body.operation, tag1: first.name, tag2: second.name } };
      const tag = addTag(
        world,
        datasetId,
        { ...fields, bitMaskData: writeBitMask(mask), ...(body.runId === undefined ? {} : { runId: body.runId }) },
        changeEntries(world, body.creator ?? "UNKNOWN", change),
      );
      return ok({ id: tag.id });
    }),
    route(
      "POST /v1/datasets/{datasetId}/tags/arithmetics/bitmask",
      { body: request },
      ({ params: { datasetId }, body }) => ok({ bitMaskData: writeBitMask(combine(world, datasetId, body).mask) }),
    ),
  ];
}

function combine(
  world: World,
  datasetId: string,
  { tagId1, tagId2, operation }: { tagId1: string; tagId2: string; operation: keyof typeof OPERATIONS },
) {
  const first = requireTag(world, datasetId, tagId1);
  const second = requireTag(world, datasetId, tagId2);
  const mask = OPERATIONS[operation](readBitMask(first.bitMaskData), readBitMask(second.bitMaskData));
  return { first, second, mask };
}
