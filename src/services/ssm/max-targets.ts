/** The maximum number of instances of one command, according to Systems Manager. */
export const MAX_TARGETS = 50;
