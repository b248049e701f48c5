import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { MATCHERS, argumentsOf, oneTest } from "../src/arguments";
import { ROOT, routec, skip } from "./routec";

interface Pattern {
  name: string;
  regexp: string;
  file: number;
  line: number;
  column: number;
  severity: number;
  code: number;
  message: number;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const patterns = manifest.contributes.problemPatterns as Pattern[];

/** What a problem matcher makes of a line. */
function read(name: string, line: string) {
  const pattern = patterns.find((one) => one.name === name);
  assert.ok(pattern, `no pattern ${name}`);
  const found = new RegExp(pattern.regexp).exec(line);
  return (
    found && {
      file: found[pattern.file],
      line: Number(found[pattern.line]),
      column: Number(found[pattern.column]),
      severity: found[pattern.severity],
      code: found[pattern.code],
      message: found[pattern.message],
    }
  );
}

test("a finding is read with all that it says", () => {
  assert.deepEqual(read("routec", "a b/s.route:3:13: error[R1001]: no node is named `x:1:2`"), {
    file: "a b/s.route",
    line: 3,
    column: 13,
    severity: "error",
    code: "R1001",
    message: "no node is named `x:1:2`",
  });
  assert.equal(read("routec", String.raw`C:\flows\s.route:3:13: warning[R1013]: unused`)?.file, String.raw`C:\flows\s.route`);
  assert.equal(read("routec", "ok    a test: 3:13: of [R1001]: names"), null);
});

test("failures of tests are for the other matcher, and each line is for one", () => {
  const failure = "s.route:59:3: error[R5001]: expected stopped by `retired`";
  assert.equal(read("routec", failure), null);
  assert.equal(read("routec-test", failure)?.code, "R5001");
  assert.equal(read("routec-test", "s.route:3:13: error[R1001]: x"), null);
});

test("every matcher that a task names is declared, with its pattern", () => {
  const declared = manifest.contributes.problemMatchers as { name: string; pattern: string }[];
  for (const wanted of Object.values(MATCHERS).flat()) {
    const matcher = declared.find((one) => `$${one.name}` === wanted);
    assert.ok(matcher, wanted);
    assert.ok(patterns.some((pattern) => `$${pattern.name}` === matcher.pattern), matcher.pattern);
  }
});

test("what routec check prints is read line by line as its JSON has it", { skip }, () => {
  const flows = ["--flows", "examples/greenhouse/flows.json"];
  const [, , , ...rest] = argumentsOf("check", "tests/tests/faulty.route", flows);
  const concise = routec(argumentsOf("check", "tests/tests/faulty.route", flows));
  const json = routec(["check", "--output-format", "json", ...rest]);
  const wanted = (JSON.parse(json.stdout) as { code: string; severity: string; message: string; location: { file: string; start: { line: number; column: number } } }[]).map(
    ({ code, severity, message, location: { file, start } }) => ({ file, line: start.line, column: start.column, severity, code, message }),
  );
  assert.ok(wanted.length >= 25, `only ${wanted.length} findings: ${json.stderr}`);
  const seen = concise.stdout.trimEnd().split("\n").map((line) => read("routec", line));
  // routec's own order is the same in both; the editor sorts by place anyway.
  assert.deepEqual(seen, wanted);
});

test("what routec test prints of a failure is read", { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "route-"));
  try {
    writeFileSync(path.join(folder, "flows.json"), readFileSync(path.join(ROOT, "examples/greenhouse/flows.json")));
    const text = readFileSync(path.join(ROOT, "examples/greenhouse/greenhouse.route"), "utf8");
    writeFileSync(path.join(folder, "s.route"), text.replace('expect delivered to "Raise alarm"', "expect stopped by retired"));
    const one = oneTest("bed 2 raises no alarm");
    const ran = routec(argumentsOf("test", "s.route", one), { cwd: folder });
    const line = ran.stdout.split("\n").find((line) => read("routec-test", line));
    assert.ok(line, ran.stdout + ran.stderr);
    assert.equal(read("routec-test", line)?.file, "s.route");
    assert.match(ran.stdout, /0 passed, 1 failed, 3 left out/);
    assert.ok(!ran.stdout.split("\n").some((line) => read("routec", line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
