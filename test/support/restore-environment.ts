/**
 * Loaded last: environment variables that a spec file changes are restored after it, so that the result of the next file in the same process
 * does not depend on it. `mocha --parallel` distributes the files differently each time.
 */
const original = { ...process.env };

export const mochaHooks = {
  afterAll(): void {
    for (const name of Object.keys(process.env).filter((one) => !(one in original))) {
      delete process.env[name];
    }
    Object.assign(process.env, original);
  },
};
