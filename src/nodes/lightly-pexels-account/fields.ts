import { connectionFields } from "../../fields/connection.ts";
import { secret, text } from "../../fields/kinds.ts";
import { webAddress } from "../../fields/rules/web-address.ts";

export const fields = {
  apiKey: secret({ icon: "lock", placeholder: "PEXELS_API_KEY", fallback: "PEXELS_API_KEY" }),
  apiUrl: text({ icon: "server", placeholder: true, rule: webAddress }),
  ...connectionFields,
};
