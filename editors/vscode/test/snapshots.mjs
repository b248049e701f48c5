// The scopes of every token of the examples, held to what stands in `test/snapshots`; `UPDATE=1` writes it.
// The examples are copied first, because the tool writes beside what it reads.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

const examples = path.resolve("../../examples");
const kept = "test/snapshots";
const work = "out/snapshots";
const update = Boolean(process.env.UPDATE);

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
mkdirSync(kept, { recursive: true });
// A folder `.route` holds the state of a runtime.
const stacks = readdirSync(examples, { recursive: true }).filter((file) => /[^/\\]\.route$/.test(file) && !file.includes("node_modules"));
const names = new Map(stacks.map((file) => [file.split(path.sep).join("-"), file]));
for (const [name, file] of names) {
  cpSync(path.join(examples, file), path.join(work, name));
  if (existsSync(path.join(kept, `${name}.snap`))) cpSync(path.join(kept, `${name}.snap`), path.join(work, `${name}.snap`));
  else if (!update) fail(`${file} has no snapshot`);
}
for (const snap of readdirSync(kept).filter((one) => !names.has(one.replace(/\.snap$/, "")))) {
  if (update) rmSync(path.join(kept, snap));
  else fail(`${snap} is of no example`);
}
const tool = "node_modules/vscode-tmgrammar-test/dist/snapshot.js";
const ran = spawnSync(process.execPath, [tool, ...(update ? ["--updateSnapshot"] : []), `${work}/*.route`], { stdio: "inherit" });
if (ran.status !== 0) fail("an example is coloured otherwise");
if (update) for (const name of names.keys()) cpSync(path.join(work, `${name}.snap`), path.join(kept, `${name}.snap`));

function fail(why) {
  console.error(`${why}: look at it, then run \`UPDATE=1 node test/snapshots.mjs\``);
  process.exit(1);
}
