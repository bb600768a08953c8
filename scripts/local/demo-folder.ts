/** A folder whose `node_modules` has Node-RED and the nodes. The published sandbox sets it, which is outside of a checkout. */
export const FOLDER_VARIABLE = "LIGHTLY_AWS_DEMO_FOLDER";
