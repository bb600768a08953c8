import { unknown } from "../http/api-fault.ts";
import { array, choice, object, string } from "../http/body-schema.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import { creator } from "../schemas/common.ts";
import type { AccessConfig } from "../state/lightly-records.ts";
import { requireDataset, USER_ID, type World } from "../world.ts";

const BASE = "/v1/datasets/{datasetId}/collaboration/access";

/** Routes of who may use a dataset. The settings are stored and have no effect: the sandbox has one user. */
export function collaborationRoutes(world: World): Route[] {
  const { accessConfigs } = world.state;
  return [
    route(
      `POST ${BASE}`,
      { body: object({ accessType: choice("WRITE") }, { users: array(string()), teams: array(string()), creator }) },
      ({ params: { datasetId }, body: { accessType, users = [], teams = [] } }) => {
        requireDataset(world, datasetId);
        const now = world.now();
        const before = accessConfigs.of(datasetId).find((other) => other.accessType === accessType);
        const { id, createdAt } = before ?? { id: world.newId(), createdAt: now };
        accessConfigs.put({ id, createdAt, datasetId, accessType, users, teams, lastModifiedAt: now });
        return created({ id });
      },
    ),
    route(`GET ${BASE}`, {}, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      const data = ({ datasetId: _, ...config }: AccessConfig) => ({ ...config, owner: USER_ID });
      return ok(accessConfigs.of(datasetId).map(data));
    }),
    route(`DELETE ${BASE}/{accessConfigId}`, {}, ({ params: { datasetId, accessConfigId } }) => {
      requireDataset(world, datasetId);
      if (accessConfigs.get(accessConfigId)?.datasetId !== datasetId) {
        throw unknown("ACCESS_CONTROL_UNKNOWN", `The dataset has no access configuration ${accessConfigId}.`);
      }
      accessConfigs.remove(accessConfigId);
      return done();
    }),
  ];
}
