import { ALLOWED_HOSTS_SETTING, allowHosts } from "../../services/http/guard/host-settings.ts";
import type { NodeAPI } from "./node-red.ts";

/** Has downloads reach what `lightlyAwsAllowedHosts` in Node-RED's settings allows; called by everything that downloads. */
export function allowHostsOfSettings(red: NodeAPI): void {
  allowHosts((red.settings as unknown as Readonly<Record<string, unknown>>)[ALLOWED_HOSTS_SETTING]);
}
