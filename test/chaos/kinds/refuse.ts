import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox, ServicePort } from "lightly-aws-sandbox";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const SERVICES = ["s3", "ec2", "ssm", "lightly", "pexels"] as const;
type Service = (typeof SERVICES)[number];

/** The endpoint of a service in the sandbox, and the environment variable to change it. */
const PLACES: Readonly<Record<Service, readonly [endpoint: keyof Sandbox["endpoints"], variable: string]>> = {
  s3: ["aws", "AWS_ENDPOINT_URL_S3"],
  ec2: ["aws", "AWS_ENDPOINT_URL_EC2"],
  ssm: ["aws", "AWS_ENDPOINT_URL_SSM"],
  lightly: ["lightly", "LIGHTLY_SERVER_LOCATION"],
  pexels: ["pexels", "PEXELS_API_URL"],
};

const LIMIT_MS = 60_000;
const MAX_MS = 3000;
/** With `--all`. */
const ROUNDS_EACH = 4;

/** A service can't be reached for some time: the run completes or fails with a code, without duplicates and running instances. */
export const refuse: Kind = {
  name: "refuse",
  title: "the network to one service is gone for a while",
  count: 2,
  run: async (context) => {
    const ports = new Map<Service, ServicePort>();
    const world = await context.open({ environment: (sandbox) => environment(sandbox, ports) });
    const { lengthMs } = await calibrate(world, "small");
    const services = new Choices(context.seed, "refuse").shuffled(SERVICES);
    const count = context.all ? SERVICES.length * ROUNDS_EACH : context.count;
    for (const nr of roundNumbers({ ...context, count })) {
      context.signal.throwIfAborted();
      const service = services[(nr - 1) % services.length] ?? "s3";
      await play(context, world, { nr, service, port: ports.get(service) as ServicePort, lengthMs });
    }
  },
};

async function environment(sandbox: Sandbox, ports: Map<Service, ServicePort>): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const service of SERVICES) {
    const [endpoint, variable] = PLACES[service];
    const port = ports.get(service) ?? (await sandbox.openPort(endpoint));
    ports.set(service, port);
    variables[variable] = port.url;
  }
  return variables;
}

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  { nr, service, port, lengthMs }: { nr: number; service: Service; port: ServicePort; lengthMs: number },
): Promise<void> {
  const choices = new Choices(seed, "refuse", nr);
  const fromMs = choices.number(0, lengthMs);
  const forMs = choices.number(500, MAX_MS);
  const result = await playRound({
    world,
    kind: "refuse",
    nr,
    seed,
    what: `${service} gone ${Math.round(fromMs)} ms after the trigger for ${(forMs / 1000).toFixed(1)} s`,
    video: choices.one(["small", "large"]),
    expectation: { runs: 1, outcome: "ended" },
    limitMs: LIMIT_MS,
    keep,
    play: async () => {
      await world.trigger();
      await pause(fromMs);
      world.note(`${service} is gone`);
      // Video files have the sandbox's own address, not that of the port.
      const files = { service: "pexels", operation: "GET /files", kind: "reset" } as const;
      const fault = service === "pexels" ? world.sandbox.faults.add(files) : undefined;
      await port.close();
      await pause(forMs);
      await port.open();
      if (fault !== undefined) {
        world.sandbox.faults.remove(fault);
      }
      world.note(`${service} is back`);
      return undefined;
    },
  });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}
