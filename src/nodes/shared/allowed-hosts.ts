import { ALLOWED_HOSTS_SETTING, allowHosts } from "../../services/http/guard/host-settings.ts";
import type { NodeAPI } from "./node-red.ts";

/** Applies `lightlyAwsAllowedHosts` of Node-RED's settings to downloads. Every node that downloads calls it. */
export function allowHostsOfSettings(red: NodeAPI): void {
  allowHosts((red.settings as unknown as Readonly<Record<string, unknown>>)[ALLOWED_HOSTS_SETTING]);
}
