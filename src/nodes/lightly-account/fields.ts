import { connectionFields } from "../../fields/connection.ts";
import { seconds, secret, text } from "../../fields/kinds.ts";
import { numberWithin } from "../../fields/rules/numbers.ts";
import type { Rule } from "../../fields/rules/rule.ts";
import { webAddress } from "../../fields/rules/web-address.ts";

/** Lightly requires a poll interval of at least 30 seconds for its public server. */
const pollInterval: Rule = (text, read) => {
  const isPublic = /^https:\/\/api\.lightly\.ai\/?$/.test(String(read("apiUrl") ?? ""));
  return numberWithin({ min: isPublic ? 30 : 0.1, max: 3600 })(text);
};

export const fields = {
  token: secret({ icon: "lock", placeholder: "LIGHTLY_TOKEN", fallback: "LIGHTLY_TOKEN" }),
  apiUrl: text({ icon: "server", placeholder: true, rule: webAddress }),
  pollSeconds: seconds({ icon: "clock-o", placeholder: "30", rule: pollInterval, hint: true }),
  ...connectionFields,
};
