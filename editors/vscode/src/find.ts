// Where routec is. Knows nothing of the editor, so that it can be tested without one.

import * as path from "node:path";

/** What the search looks at. */
export interface Machine {
  /** `process.platform` */
  platform: NodeJS.Platform;
  /** Environment variables. */
  env: Record<string, string | undefined>;
  /** The user's home folder. */
  home: string;
  /** Folders of the workspace, the first one first. */
  folders: string[];
  /** Whether a path is a file that this user may run. */
  runs: (file: string) => boolean;
}

/** The program, or why there is none, in words for the user. */
export type Found = { path: string } | { missing: string };

/** Finds routec as the setting `route.routec.path` says; an empty setting means the `PATH`, then `~/.cargo/bin`. */
export function findRoutec(setting: string, machine: Machine): Found {
  const wanted = setting.trim();
  if (wanted === "") {
    const found = onPath("routec", machine) ?? first(inFolder(cargoBin(machine), "routec", machine), machine);
    return found === undefined
      ? { missing: "routec is neither on the PATH nor in ~/.cargo/bin." }
      : { path: found };
  }
  const { join, isAbsolute } = of(machine);
  const expanded = expand(wanted, machine);
  if (!/[\\/]/.test(expanded)) {
    const found = onPath(expanded, machine);
    return found === undefined
      ? { missing: `The setting route.routec.path is “${wanted}”, and the PATH has no such program.` }
      : { path: found };
  }
  const bases = isAbsolute(expanded) ? [expanded] : machine.folders.map((folder) => join(folder, expanded));
  const found = first(bases.flatMap((base) => spellings(base, machine)), machine);
  return found === undefined
    ? { missing: `The setting route.routec.path is “${wanted}”, and there is no program that can be run.` }
    : { path: found };
}

function of(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}

function cargoBin(machine: Machine): string {
  const { join } = of(machine);
  return join(machine.env["CARGO_HOME"] || join(machine.home, ".cargo"), "bin");
}

function expand(setting: string, machine: Machine): string {
  const { join } = of(machine);
  const home = /^~[\\/](.*)$/s.exec(setting);
  if (home) return join(machine.home, home[1] ?? "");
  const folder = machine.folders[0];
  return folder === undefined ? setting : setting.replaceAll("${workspaceFolder}", folder);
}

/** A program as it may be called: on Windows `.exe` may be left out. */
function spellings(file: string, machine: Machine): string[] {
  return machine.platform === "win32" && !/\.exe$/i.test(file) ? [`${file}.exe`, file] : [file];
}

function inFolder(folder: string, name: string, machine: Machine): string[] {
  return spellings(of(machine).join(folder, name), machine);
}

function onPath(name: string, machine: Machine): string | undefined {
  const { delimiter, isAbsolute } = of(machine);
  // Windows calls it `Path`.
  const key = Object.keys(machine.env).find((k) => k === "PATH" || (machine.platform === "win32" && k.toUpperCase() === "PATH"));
  const folders = (key === undefined ? "" : (machine.env[key] ?? "")).split(delimiter);
  // What lies in the current folder is never run by its name alone.
  return first(folders.filter(isAbsolute).flatMap((folder) => inFolder(folder, name, machine)), machine);
}

function first(files: string[], machine: Machine): string | undefined {
  return files.find((file) => machine.runs(file));
}
