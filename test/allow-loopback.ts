/**
 * Loaded before all tests: their servers listen on loopback, which downloads may reach only if an administrator allows it. Tests of the
 * refusal disallow it again.
 */
process.env.LIGHTLY_AWS_ALLOWED_HOSTS ??= "127.0.0.1,localhost";
