import { instanceFields } from "../../fields/instances.ts";
import { account, choice, flag, minutes, seconds } from "../../fields/kinds.ts";
import { stepFields } from "../../fields/retries.ts";

export const fields = stepFields({
  account: account("lightly-aws-account"),
  ...instanceFields,
  select: choice(
    { ids: "ids", tags: "tags", run: "ofRun" },
    { icon: "crosshairs", hint: [{ key: "ofRun", when: { select: ["run"] } }] },
  ),
  onBusy: choice(["keep", "stop"], { icon: "users" }),
  keepRunning: flag({ value: false }),
  hibernate: flag({ value: false }),
  waitFor: choice(["stopped", "accepted"], { icon: "hourglass-half" }),
  timeoutMinutes: minutes({ value: 15, min: 0.1, max: 1440, when: { waitFor: ["stopped"] }, icon: "clock-o" }),
  forceAfterMinutes: minutes({ value: 0, min: 0, max: 1440, icon: "bolt", hint: true, advanced: true }),
  pollSeconds: seconds({ value: 5, min: 0.1, max: 600, icon: "refresh", advanced: true }),
});
