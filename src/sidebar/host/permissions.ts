/** The user of Node-RED, as its settings report it. */
export interface User {
  readonly anonymous?: boolean;
  readonly username?: string;
  /** `*`, `read`, or a list such as `["flows.read", "lightly-aws-runs.write"]`. */
  readonly permissions?: string | readonly string[];
}

/** Whether a user may change runs. The server checks it too. Without `adminAuth` there is no user, and everything is permitted. */
export function mayWrite(user: User | undefined): boolean {
  if (user === undefined) {
    return true;
  }
  const { permissions = [] } = user;
  const given = typeof permissions === "string" ? [permissions] : permissions;
  return given.some((one) => one === "*" || one === "write" || one === "*.write" || one === "lightly-aws-runs.write");
}
