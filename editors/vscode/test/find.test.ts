import assert from "node:assert/strict";
import { test } from "node:test";
import { findRoutec, type Machine } from "../src/find";

/** A machine on which these files can be run. */
function machine(files: string[], more: Partial<Machine> = {}): Machine {
  return { platform: "linux", env: { PATH: "/usr/bin:/opt/bin:.:" }, home: "/home/anna", folders: ["/work/flows"], runs: (file) => files.includes(file), ...more };
}

function windows(files: string[], more: Partial<Machine> = {}): Machine {
  return machine(files, { platform: "win32", env: { Path: String.raw`C:\tools;D:\bin` }, home: String.raw`C:\Users\anna`, folders: [String.raw`C:\flows`], ...more });
}

const path = (setting: string, on: Machine) => {
  const found = findRoutec(setting, on);
  return "path" in found ? found.path : undefined;
};
const missing = (setting: string, on: Machine) => {
  const found = findRoutec(setting, on);
  return "missing" in found ? found.missing : undefined;
};

test("without a setting: the PATH in its order, then cargo's folder", () => {
  assert.equal(path("", machine(["/opt/bin/routec", "/home/anna/.cargo/bin/routec"])), "/opt/bin/routec");
  assert.equal(path("", machine(["/usr/bin/routec", "/opt/bin/routec"])), "/usr/bin/routec");
  assert.equal(path(" ", machine(["/home/anna/.cargo/bin/routec"])), "/home/anna/.cargo/bin/routec");
  assert.equal(path("", machine(["/c/bin/routec"], { env: { PATH: "/usr/bin", CARGO_HOME: "/c" } })), "/c/bin/routec");
  assert.match(missing("", machine([])) ?? "", /neither on the PATH nor in ~\/\.cargo\/bin/);
  assert.match(missing("", machine([], { env: {} })) ?? "", /PATH/);
});

test("the current folder is never looked through, not even when the PATH has it", () => {
  assert.equal(path("", machine(["routec", "./routec", "/routec"])), undefined);
});

test("a path is taken as it is, after the home and the workspace folder are filled in", () => {
  assert.equal(path("/x/routec", machine(["/x/routec"])), "/x/routec");
  assert.equal(path("~/bin/routec", machine(["/home/anna/bin/routec"])), "/home/anna/bin/routec");
  assert.equal(path("${workspaceFolder}/bin/routec", machine(["/work/flows/bin/routec"])), "/work/flows/bin/routec");
});

test("a relative path is looked for in each workspace folder", () => {
  const two = { folders: ["/a", "/b"] };
  assert.equal(path("target/debug/routec", machine(["/b/target/debug/routec"], two)), "/b/target/debug/routec");
  assert.equal(path("./routec", machine(["/routec"], { folders: [] })), undefined);
});

test("a bare name is looked up on the PATH", () => {
  assert.equal(path("routec-next", machine(["/opt/bin/routec-next", "/work/flows/routec-next"])), "/opt/bin/routec-next");
});

test("what a setting names and is not there is said with the setting, and nothing else is taken instead", () => {
  const all = machine(["/usr/bin/routec"]);
  assert.match(missing("/x/routec", all) ?? "", /route\.routec\.path is “\/x\/routec”/);
  assert.match(missing("routex", all) ?? "", /route\.routec\.path is “routex”.*PATH/);
});

test("Windows: Path, drives and `.exe`", () => {
  assert.equal(path("", windows([String.raw`D:\bin\routec.exe`])), String.raw`D:\bin\routec.exe`);
  assert.equal(path("", windows([String.raw`C:\Users\anna\.cargo\bin\routec.exe`])), String.raw`C:\Users\anna\.cargo\bin\routec.exe`);
  assert.equal(path(String.raw`C:\x\routec`, windows([String.raw`C:\x\routec.exe`])), String.raw`C:\x\routec.exe`);
  assert.equal(path(String.raw`~\x\routec.exe`, windows([String.raw`C:\Users\anna\x\routec.exe`])), String.raw`C:\Users\anna\x\routec.exe`);
});
