import { allOf, readBitMask, writeBitMask } from "../bit-mask.ts";
import { conflict, invalid, unknown } from "../http/api-fault.ts";
import { choice, freeObject, integer, object, objectId, string } from "../http/body-schema.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import { imageType, tagName } from "../schemas/common.ts";
import type { Tag } from "../state/lightly-records.ts";
import { requireDataset, USER_ID, type World } from "../world.ts";
import { requireRun } from "./run-routes.ts";

export const tagCreator = choice(
  ...(["UNKNOWN", "USER_WEBAPP", "USER_PIP", "USER_PIP_LIGHTLY_MAGIC", "USER_WORKER"] as const),
  ...(["SAMPLER_ACTIVE_LEARNING", "SAMPLER_CORAL", "SAMPLER_CORESET", "SAMPLER_RANDOM"] as const),
);
const bitMaskData = string({ pattern: /^0x[a-f0-9]+$/, form: "0x and lower-case hexadecimal digits" });

export function tagRoutes(world: World): Route[] {
  const { tags } = world.state;
  return [
    route("GET /v1/datasets/{datasetId}/tags", {}, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      return ok(tags.of(datasetId));
    }),
    route("GET /v1/datasets/{datasetId}/tags/{tagId}", {}, ({ params }) =>
      ok(requireTag(world, params.datasetId, params.tagId)),
    ),
    route(
      "POST /v1/datasets/{datasetId}/tags",
      {
        body: object(
          { name: tagName, prevTagId: objectId, bitMaskData, totSize: integer({ min: 0 }) },
          {
            queryTagId: objectId,
            preselectedTagId: objectId,
            creator: tagCreator,
            changes: freeObject,
            runId: objectId,
          },
        ),
      },
      ({ params: { datasetId }, body: { creator = "UNKNOWN", changes, ...body } }) => {
        requireDataset(world, datasetId);
        const previous = requireRelated(world, datasetId, "TAG_PREVTAG_NOT_IN_DATASET", body.prevTagId);
        requireRelated(world, datasetId, "TAG_QUERYTAG_NOT_IN_DATASET", body.queryTagId);
        requireRelated(world, datasetId, "TAG_PRESELECTEDTAG_NOT_IN_DATASET", body.preselectedTagId);
        if (body.totSize !== previous?.totSize) {
          throw invalid("DATASET_TAG_INVALID", `totSize must be ${previous?.totSize}, as of the previous tag.`);
        }
        const fields = { ...body, bitMaskData: fittingMask(body.bitMaskData, body.totSize) };
        return created({ id: addTag(world, datasetId, fields, changeEntries(world, creator, changes)).id });
      },
    ),
    route(
      "POST /v1/datasets/{datasetId}/tags/initial",
      { body: object({ imgType: imageType }, { name: tagName, creator: tagCreator, runId: objectId }) },
      ({ params: { datasetId }, body: { imgType, name = "initial-tag", runId, creator = "UNKNOWN" } }) => {
        const dataset = requireDataset(world, datasetId);
        if (tags.of(datasetId).length > 0) {
          throw conflict("TAG_INITIAL_EXISTS", "The dataset already has its initial tag.");
        }
        const fields = { name, prevTagId: null, ...wholeDataset(world, datasetId), ...ofRun(runId) };
        const changes = changeEntries(world, creator, { initial: ofRun(runId) });
        const { id } = addTag(world, datasetId, fields, changes);
        // Clients download a dataset only if its images are complete.
        world.state.datasets.put({ ...dataset, imgType, lastModifiedAt: world.now() });
        return created({ id });
      },
    ),
    route(
      "POST /v1/datasets/{datasetId}/tags/upsize",
      { body: object({ upsizeTagName: tagName, upsizeTagCreator: tagCreator }, { runId: objectId }) },
      ({ params: { datasetId }, body: { upsizeTagName, upsizeTagCreator, runId } }) => {
        requireDataset(world, datasetId);
        const initial = tags.of(datasetId)[0];
        if (initial === undefined) {
          throw unknown("TAG_NO_TAG_IN_DATASET", "The dataset has no initial tag to grow.");
        }
        refuseTakenName(world, datasetId, upsizeTagName);
        const whole = wholeDataset(world, datasetId);
        const added = readBitMask(whole.bitMaskData) & ~allOf(initial.totSize);
        for (const tag of tags.of(datasetId)) {
          // The initial tag always contains the whole dataset; the others keep their samples.
          const grown = tag.id === initial.id ? whole : { totSize: whole.totSize };
          tags.put({ ...tag, ...grown, lastModifiedAt: world.now() });
        }
        const fields = { name: upsizeTagName, prevTagId: initial.id, ...whole, bitMaskData: writeBitMask(added) };
        const change = { upsize: { ...ofRun(runId), from: initial.totSize, to: whole.totSize } };
        const changes = changeEntries(world, upsizeTagCreator, change);
        return created({ id: addTag(world, datasetId, { ...fields, ...ofRun(runId) }, changes).id });
      },
    ),
    route(
      "PUT /v1/datasets/{datasetId}/tags/{tagId}",
      { body: object({ name: tagName }, { updateCreator: tagCreator, bitMaskData, changes: freeObject }) },
      ({ params: { datasetId, tagId }, body: { name, bitMaskData: mask, updateCreator = "UNKNOWN", changes } }) => {
        const tag = requireTag(world, datasetId, tagId);
        refuseTakenName(world, datasetId, name, tag.id);
        const history = [...(tag.changes ?? []), ...changeEntries(world, updateCreator, changes)];
        tags.put({
          ...tag,
          name,
          lastModifiedAt: world.now(),
          ...(mask === undefined ? {} : { bitMaskData: fittingMask(mask, tag.totSize) }),
          ...(history.length === 0 ? {} : { changes: history }),
        });
        return done();
      },
    ),
    route("DELETE /v1/datasets/{datasetId}/tags/{tagId}", {}, ({ params }) => {
      const tag = requireTag(world, params.datasetId, params.tagId);
      if (tag.prevTagId === null) {
        throw conflict("TAG_UNDELETABLE_IS_INITIAL", "The initial tag cannot be deleted.");
      }
      if (tags.of(tag.datasetId).some(({ prevTagId }) => prevTagId === tag.id)) {
        throw conflict(
          "TAG_UNDELETABLE_NOT_A_LEAF",
          `Tag ${tag.name} can't be deleted: other tags were derived from it.`,
        );
      }
      tags.remove(tag.id);
      return done();
    }),
    route("GET /v1/docker/runs/{runId}/tags", {}, ({ params }) => {
      const { id, datasetId = "" } = requireRun(world, params.runId);
      const made = tags.of(datasetId).filter(({ runId }) => runId === id);
      return ok(made.reverse());
    }),
  ];
}

const ofRun = (runId: string | undefined): { runId?: string } => (runId === undefined ? {} : { runId });

export function requireTag(world: World, datasetId: string, id: string): Tag {
  requireDataset(world, datasetId);
  const tag = world.state.tags.get(id);
  if (tag?.datasetId !== datasetId) {
    throw unknown("TAG_UNKNOWN", `Dataset ${datasetId} has no tag ${id}.`);
  }
  return tag;
}

function requireRelated(world: World, datasetId: string, code: string, id: string | undefined): Tag | undefined {
  const tag = id === undefined ? undefined : world.state.tags.get(id);
  if (id !== undefined && tag?.datasetId !== datasetId) {
    throw unknown(code, `Dataset ${datasetId} has no tag ${id}.`);
  }
  return tag;
}

type NewTag = Omit<Tag, "id" | "datasetId" | "createdAt" | "lastModifiedAt" | "changes">;

export function addTag(world: World, datasetId: string, fields: NewTag, changes: readonly unknown[]): Tag {
  refuseTakenName(world, datasetId, fields.name);
  if (fields.runId !== undefined) {
    requireRun(world, fields.runId);
  }
  const now = world.now();
  const stamps = { id: world.newId(), datasetId, createdAt: now, lastModifiedAt: now };
  return world.state.tags.put({ ...fields, ...stamps, ...(changes.length === 0 ? {} : { changes }) });
}

function refuseTakenName(world: World, datasetId: string, name: string, except?: string): void {
  if (world.state.tags.of(datasetId).some((tag) => tag.name === name && tag.id !== except)) {
    throw conflict("TAG_NAME_EXISTS", `The dataset already has a tag ${name}.`);
  }
}

function wholeDataset(world: World, datasetId: string): { bitMaskData: string; totSize: number } {
  const totSize = world.state.samples.of(datasetId).length;
  return { bitMaskData: writeBitMask(allOf(totSize)), totSize };
}

function fittingMask(text: string, totSize: number): string {
  const mask = readBitMask(text);
  if (mask >> BigInt(totSize) !== 0n) {
    throw invalid("DATASET_TAG_INVALID", `bitMaskData contains samples beyond totSize ${totSize}.`);
  }
  return writeBitMask(mask);
}

export const changeEntries = (world: World, creator: string, changes: unknown): unknown[] =>
  changes === undefined ? [] : [{ userId: USER_ID, creator, ts: world.now(), changes }];
