// Puts the extension into one file; with `--tests` it builds the tests too.
import { build } from "esbuild";
import { readdir, rm } from "node:fs/promises";

const common = { bundle: true, platform: "node", format: "cjs", target: "node18", logLevel: "warning" };
await build({
  ...common,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  external: ["vscode"],
  minify: process.argv.includes("--minify"),
});
if (process.argv.includes("--tests")) {
  await rm("out", { recursive: true, force: true });
  const tests = (await readdir("test")).filter((name) => name.endsWith(".test.ts"));
  await build({ ...common, entryPoints: tests.map((name) => `test/${name}`), outdir: "out/test", packages: "external" });
}
