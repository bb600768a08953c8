import { FAULT_KINDS, FAULT_SERVICES } from "./fault-rule.ts";
import { operationNames } from "./operation-names.ts";

const WIDTH = 118;

/** The part of `--help` about `--fault`. */
export const FAULT_HELP = `  --fault capacity-missing=N      the next N starts find no capacity
  --fault start-failures=N        the next N starts fall back to stopped (Client.InternalError)
  --fault capacity-lost=N         the same for lack of capacity (Server.InsufficientInstanceCapacity)
  --fault never-online            the SSM agent never registers
  --fault never-delivered         commands never reach the instance
  --fault spot-reclaims=N         the instances of the next N jobs of Batch are reclaimed while the jobs run
  --fault pull-failures=N         the next N jobs of Batch can't pull their image
  --fault batch-blocked=REASON    no job of Batch starts; the first one is RUNNABLE for this reason
  --fault jobs-forgotten          jobs of Batch that are over are unknown
  --fault empty-log-pages=N       the next N pages of a log are empty although there are more events
  --fault worker-crash[=STATE]    the worker crashes, perhaps at that state of its run
  --fault run-never-ends          the worker never finishes
  --fault SERVICE[:OPERATION]:KIND[,latency=MS][,status=N][,code=TEXT][,message=TEXT][,header=NAME]
                                      [,times=N][,after=N]
                                  SERVICE ${FAULT_SERVICES.join(" ")}
                                  OPERATION see below; absent: all operations
                                  KIND ${FAULT_KINDS.join(" ")}
                                  e.g. s3:PutObject:status,status=503,code=SlowDown,times=2
                                  e.g. "lightly:POST /v1/datasets:latency,latency=800"`;

/** The part of `--help` that lists the names of all operations. */
export function operationHelp(): string {
  const { lightly, pexels, ...aws } = operationNames();
  return `Names of operations (upper and lower case are the same, * matches any text: "lightly:* /v1/docker/runs/*:reset"):
${Object.entries(aws)
  .map(([service, names]) => wrap(service, names))
  .join("\n")}
  pexels, METHOD and path without the parts that vary:
${byPath(pexels)}
  lightly, METHOD and path; {parts in braces} stand for any value and are written as here:
${byPath(lightly)}
`;
}

function wrap(service: string, names: readonly string[]): string {
  const lines: string[] = [];
  let line = `  ${service.padEnd(5)}`;
  for (const name of names) {
    if (line.length + name.length >= WIDTH) {
      lines.push(line);
      line = " ".repeat(7);
    }
    line += ` ${name}`;
  }
  return [...lines, line].join("\n");
}

/** One line per path with its methods. */
function byPath(names: readonly string[]): string {
  const paths = Map.groupBy(names, (name) => name.slice(name.indexOf(" ") + 1));
  const lines = [...paths].sort(([one], [other]) => (one < other ? -1 : 1));
  return lines.map(([path, same]) => `    ${same.map((name) => name.split(" ")[0]).join("|")} ${path}`).join("\n");
}
