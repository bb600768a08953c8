/** An address that refuses connections: the system gives port 1 to no program, unlike a free port that was found a moment ago. */
export const NOWHERE = "http://127.0.0.1:1";
