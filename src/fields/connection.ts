import { secret, text } from "./kinds.ts";
import { filePath, proxyAddress } from "./rules/connection.ts";

/** The fields of every account for its connections. The URL of a proxy may contain a password, so it is stored as a credential. */
export const connectionFields = {
  proxy: secret({
    icon: "random",
    shown: true,
    placeholder: "HTTPS_PROXY",
    rule: proxyAddress,
    advanced: true,
    label: "lightly-aws.connection.proxy",
  }),
  caFile: text({
    icon: "certificate",
    placeholder: "/etc/ssl/certs/company-ca.pem",
    rule: filePath,
    advanced: true,
    label: "lightly-aws.connection.caFile",
  }),
};
