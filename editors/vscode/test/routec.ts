// The routec that tests run, when there is one: `ROUTEC`, or a build of this checkout.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";

/** The root of the checkout; tests run in the extension's folder. */
export const ROOT = path.resolve("../..");

const built = ["target/debug/routec", "target/release/routec"].map((file) => path.join(ROOT, file));
export const ROUTEC = process.env["ROUTEC"] || built.find(existsSync);

/** What `node:test` wants to know: false, or why a test that runs routec is left out. */
export const skip = ROUTEC === undefined ? "routec is not built: `cargo build -p routec`, or set ROUTEC" : false;

/** Runs routec, whatever it ends with. */
export function routec(args: string[], more: { cwd?: string; input?: string } = {}): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(ROUTEC ?? "", args, { encoding: "utf8", cwd: ROOT, ...more });
}
