/** The placeholder that the editor shows and sends instead of a stored secret, which it does not know. */
export const STORED_SECRET = "__PWRD__";
