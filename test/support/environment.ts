/**
 * Gives each test of a suite environment variables of its own: all changes are undone after it, added variables included.
 *
 * @param cleared names of the variables that no test of the suite starts with
 */
export function useOwnEnvironment(cleared?: RegExp): void {
  let saved: NodeJS.ProcessEnv = {};
  const remove = (isRemoved: (name: string) => boolean): void => {
    for (const name of Object.keys(process.env).filter(isRemoved)) {
      delete process.env[name];
    }
  };
  beforeEach(() => {
    saved = { ...process.env };
    remove((name) => cleared?.test(name) === true);
  });
  afterEach(() => {
    remove((name) => !(name in saved));
    Object.assign(process.env, saved);
  });
}
