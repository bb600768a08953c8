import { instanceFields } from "../../fields/instances.ts";
import { account, choice, minutes, seconds, whole } from "../../fields/kinds.ts";
import { stepFields } from "../../fields/retries.ts";

const early = { startWhen: ["upload"] };

export const fields = stepFields({
  account: account("lightly-aws-account"),
  ...instanceFields,
  desired: whole({
    min: 1,
    max: 1000,
    when: { select: ["tags"] },
    typed: "num",
    icon: "sort-numeric-asc",
    placeholder: true,
    hint: true,
  }),
  startWhen: choice(
    { message: "onMessage", upload: "beforeUploadEnds" },
    { icon: "play", hint: [{ key: "beforeUploadEnds", when: early }] },
  ),
  leadSeconds: seconds({ min: 0, max: 3600, when: early, icon: "fast-forward", placeholder: true, hint: true }),
  waitFor: choice(["online", "running"], { icon: "hourglass-half" }),
  timeoutMinutes: minutes({ value: 15, min: 0.1, max: 1440, icon: "clock-o" }),
  onBusy: choice(["wait", "share", "fail"], { icon: "users" }),
  // The unit of `shutdown -h`.
  autoStopMinutes: whole({
    value: 30,
    min: 0,
    max: 10_080,
    when: { waitFor: ["online"] },
    icon: "power-off",
    hint: true,
  }),
  onRemoved: choice(["stop", "keep"], { icon: "trash-o", hint: true, advanced: true }),
  capacityTimeoutMinutes: minutes({
    value: 15,
    min: 0,
    max: 10_080,
    icon: "tachometer",
    hint: true,
    advanced: true,
  }),
  pollSeconds: seconds({ min: 0.1, max: 600, icon: "refresh", placeholder: true, hint: true, advanced: true }),
});
