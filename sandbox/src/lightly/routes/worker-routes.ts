import { conflict } from "../http/api-fault.ts";
import { array, choice, object, string } from "../http/body-schema.ts";
import { isOfOthers, TEAM, text } from "../http/query-parameters.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import { abandonWork, requireWorker } from "../processing.ts";
import { creator, resourceName } from "../schemas/common.ts";
import { WORKER_STATES, type Worker } from "../state/lightly-records.ts";
import { USER_ID, type World } from "../world.ts";

export function workerRoutes(world: World): Route[] {
  const { workers, schedules } = world.state;

  function register(fields: Pick<Worker, "name" | "labels" | "isDefault" | "dockerVersion">): Worker {
    const now = world.now();
    return workers.put({ ...fields, id: world.newId(), state: "OFFLINE", createdAt: now, lastModifiedAt: now });
  }

  return [
    route(
      "POST /v1/docker/worker",
      {
        query: { forUserId: text },
        body: object(
          { name: resourceName, workerType: choice("FULL") },
          { labels: array(string({ min: 1 })), creator, dockerVersion: string() },
        ),
      },
      ({ body: { name, labels = [], dockerVersion } }) => {
        const known = workers.of(name)[0];
        const fields = { name, labels, ...(dockerVersion === undefined ? {} : { dockerVersion }) };
        const worker = known === undefined ? register(fields) : workers.put({ ...known, ...fields });
        return created({ id: worker.id });
      },
    ),
    route("GET /v1/docker/worker", { query: TEAM }, ({ query }) =>
      ok(isOfOthers(query) ? [] : workers.all().map(workerData)),
    ),
    route("GET /v1/docker/worker/default", {}, () => {
      const free = workers.all().find(({ isDefault, state }) => isDefault === true && state !== "BUSY");
      return ok(workerData(free ?? register({ name: freeName(world), labels: [], isDefault: true })));
    }),
    route("GET /v1/docker/worker/{workerId}", {}, ({ params }) =>
      ok(workerData(requireWorker(world, params.workerId))),
    ),
    route(
      "PUT /v1/docker/worker/{workerId}",
      { body: object({ state: choice(...WORKER_STATES) }, { dockerVersion: string() }) },
      ({ params, body }) => {
        const worker = requireWorker(world, params.workerId);
        workers.put({ ...worker, ...body, lastModifiedAt: world.now() });
        if (body.state !== "BUSY") {
          abandonWork(world, worker.id, `The worker reported ${body.state} while this run was unfinished.`);
        }
        return done();
      },
    ),
    route("DELETE /v1/docker/worker/{workerId}", {}, ({ params }) => {
      const worker = requireWorker(world, params.workerId);
      if (schedules.all().some(({ state, owner }) => state === "LOCKED" && owner === worker.id)) {
        throw conflict("ILLEGAL_ACTION_RESOURCE_IN_USE", `Worker ${worker.name} is processing a run.`);
      }
      workers.remove(worker.id);
      return done();
    }),
  ];
}

function freeName(world: World): string {
  const count = world.state.workers.all().filter(({ isDefault }) => isDefault === true).length;
  return count === 0 ? "Default" : `Default ${count + 1}`;
}

const workerData = (worker: Worker) => ({ ...worker, userId: USER_ID, workerType: "FULL" });
