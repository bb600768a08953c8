/** An event of the sandbox's log, as its control API returns it. */
interface SandboxEvent {
  readonly id: number;
  readonly time: string;
  readonly kind: string;
  readonly state?: string;
  readonly ping?: string;
  readonly status?: string;
  readonly commandId?: string;
  readonly commands?: readonly string[];
}

/** The paid time of an instance for one run, in seconds. */
export interface PaidTime {
  /** From `running` to the request to stop it. */
  readonly paid: number;
  /** The part of Systems Manager: until the agent is online, and until it has received the script. An orchestrator can't change it. */
  readonly ofAgent: number;
  /** The part in which the worker worked on the Lightly run. */
  readonly working: number;
  /** The rest: nothing was ready to work, or the end was not noticed. */
  readonly idle: number;
}

/** Reads the events of a sandbox since an earlier one. */
export async function readEvents(endpoint: string, after = 0): Promise<SandboxEvent[]> {
  const response = await fetch(`${endpoint}/_sandbox/events?after=${after}`, {
    headers: { "x-sandbox-control": "yes" },
  });
  return ((await response.json()) as { events: SandboxEvent[] }).events;
}

/** Sums up the events of one run, as AWS would charge it: by the sandbox's record, not by that of the orchestrator. */
export function paidTime(events: readonly SandboxEvent[]): PaidTime {
  const timeOf = (test: (event: SandboxEvent) => boolean, what: string): number => {
    const found = events.find(test);
    if (!found) {
      throw new Error(`The sandbox has no event of this run: ${what}.`);
    }
    return Date.parse(found.time) / 1000;
  };
  const running = timeOf(({ kind, state }) => kind === "instance" && state === "running", "running");
  const stopping = timeOf(({ kind, state }) => kind === "instance" && state === "stopping", "stopping");
  const online = timeOf(({ kind, ping }) => kind === "agent" && ping === "Online", "online");
  const isScript = ({ kind, commands }: SandboxEvent): boolean =>
    kind === "command" && !String(commands).startsWith("shutdown");
  const sent = timeOf(isScript, "command");
  const id = events.find(isScript)?.commandId;
  const received = timeOf(({ commandId, status }) => commandId === id && status === "InProgress", "script");
  const began = timeOf(({ kind }) => kind === "worker-run", "start of the worker run");
  const ended = timeOf(({ kind, state }) => kind === "worker-run" && state === "COMPLETED", "end of the worker run");
  const [paid, ofAgent, working] = [stopping - running, online - running + received - sent, ended - began];
  return { paid, ofAgent, working, idle: paid - ofAgent - working };
}
