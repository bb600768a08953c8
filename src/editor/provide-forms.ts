type UseForms = (shared: object) => void;

/**
 * Gives the modules that forms share to the scripts of the nodes, each of which does `(globalThis.lightlyAwsForms ??= []).push(use)`. The
 * editor loads plugins before nodes, but not when the package is installed while the editor is open: then they arrive in any order, and nodes
 * wait here until this script has arrived.
 */
export function provideForms(shared: object): void {
  const page = globalThis as { lightlyAwsForms?: { push(use: UseForms): void } | UseForms[] };
  const waiting = Array.isArray(page.lightlyAwsForms) ? page.lightlyAwsForms : [];
  page.lightlyAwsForms = { push: (use: UseForms) => use(shared) };
  for (const use of waiting) {
    use(shared);
  }
}
