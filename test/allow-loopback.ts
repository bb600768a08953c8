/**
 * Loaded before all tests: their servers listen on this machine, which downloads reach only if an administrator allows it. Tests of the
 * refusal take it back for themselves.
 */
process.env.LIGHTLY_AWS_ALLOWED_HOSTS ??= "127.0.0.1,localhost";
