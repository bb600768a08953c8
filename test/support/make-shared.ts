/**
 * Runs before all processes of `mocha --parallel`: makes what many spec files share, the generated clips and the unpacked browser. Otherwise
 * each process would make them at the same time. A spec file that runs alone makes only what it uses.
 */
export async function mochaGlobalSetup(): Promise<void> {
  if (!process.argv.includes("--parallel")) {
    return;
  }
  // Loaded here, because each process of the tests loads this module, too.
  const [{ fullClips, testClips }, { findChromium, whyNoBrowser }] = await Promise.all([
    import("../../sandbox/test/clips/test-clips.ts"),
    import("../editor/chromium.ts"),
  ]);
  await Promise.all([testClips(), fullClips(), whyNoBrowser() ?? findChromium()]);
}
