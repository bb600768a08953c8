/** The user agent of all requests outside of AWS's SDK: protections of web sites refuse the default one of Node.js now and then. */
export const USER_AGENT = "node-red-contrib-lightly-aws";
