/** The parsed arguments of `shutdown`. */
export type ShutdownRequest =
  | { readonly kind: "at"; readonly time: string }
  | { readonly kind: "cancel" }
  | { readonly kind: "invalid"; readonly message: string };

/** Reads `[-h|-P|-H|-c] [now|+MINUTES|HH:MM] [text ...]`; without a time it is `+1`, as with systemd. */
export function parseShutdown(argv: readonly string[]): ShutdownRequest {
  const options = argv.filter((arg) => arg.startsWith("-"));
  if (options.some((option) => option === "-c")) {
    return { kind: "cancel" };
  }
  const unknown = options.find((option) => !KNOWN_OPTIONS.has(option));
  if (unknown !== undefined) {
    const message =
      unknown === "-r" || unknown === "--reboot" ? "the sandbox does not reboot instances" : "no such option";
    return { kind: "invalid", message: `shutdown: ${unknown}: ${message}.` };
  }
  const time = argv.find((arg) => !arg.startsWith("-")) ?? "+1";
  if (!/^(?:now|\+?\d+|[01]?\d:[0-5]\d|2[0-3]:[0-5]\d)$/.test(time)) {
    return { kind: "invalid", message: `Failed to parse time specification: ${time}` };
  }
  return { kind: "at", time };
}

const KNOWN_OPTIONS = new Set(["-h", "-P", "-H", "--poweroff", "--halt", "--no-wall"]);

/** Minutes from `now` until a time in the format of `shutdown`; a time of day that has passed is tomorrow. */
export function minutesUntil(time: string, now: Date): number {
  if (time === "now") {
    return 0;
  }
  const clock = /^(\d+):(\d+)$/.exec(time);
  if (clock === null) {
    return Number(time);
  }
  const then = new Date(now);
  then.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
  if (then <= now) {
    then.setDate(then.getDate() + 1);
  }
  return (then.getTime() - now.getTime()) / 60_000;
}
