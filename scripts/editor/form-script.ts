import { join } from "node:path";
import { bundle } from "./bundle.ts";
import type { NodeScript } from "./node-script.ts";

/**
 * Creates the script with the modules that the forms of the nodes share. Node-RED's editor loads it once, with the plugin, and not with each of
 * the nodes.
 *
 * @param scripts - of all nodes: the modules are those that they import
 */
export async function formScript(source: string, scripts: readonly NodeScript[]): Promise<string> {
  const names = new Map<string, Set<string>>();
  for (const [module, used] of scripts.flatMap(({ imports }) => [...imports])) {
    names.set(module, new Set([...(names.get(module) ?? []), ...used]));
  }
  const modules = [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  const shared = modules.map(
    ([module, used]) => `export { ${[...used].sort().join(", ")} } from ${JSON.stringify(module)};`,
  );
  const provider = join(source, "editor", "provide-forms.ts");
  return await bundle({
    stdin: {
      contents: `import * as shared from "shared-modules";\nimport { provideForms } from ${JSON.stringify(provider)};\nprovideForms(shared);\n`,
      resolveDir: source,
      sourcefile: "forms.js",
    },
    plugins: [
      {
        name: "shared-modules",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^shared-modules$/ }, ({ path }) => ({ path, namespace: "build" }));
          onLoad({ filter: /./, namespace: "build" }, () => ({ contents: shared.join("\n"), resolveDir: source }));
        },
      },
    ],
  });
}
