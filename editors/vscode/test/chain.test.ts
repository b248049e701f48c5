import assert from "node:assert/strict";
import { test } from "node:test";
import { hasRouter, pageOf, readChains, routersOf, wireArgument } from "../src/chain";
import { routec, skip } from "./routec";

const PRINTED = `"Read sensor".1 -> "Label"
"Read sensor".2 -> id "f1a2"
    filter plausible: keep when msg.payload.temperature in -40..85
    look up msg.topic: 3 values; at most 1 of 2 steps
      set night/site: msg.site = "north"
      set größe: msg.size = 1

"a \\"b\\" \\u{1f600}".1 -> "x -> y"
    halt old: stop

`;

test("wires and their steps are read back", () => {
  const [first, second, ...more] = readChains(PRINTED);
  assert.ok(first && second && more.length === 0);
  assert.deepEqual(first.wires.map(({ from, output, to }) => [from, output, to]), [
    ["Read sensor", 1, "Label"],
    ["Read sensor", 2, "f1a2"],
  ]);
  assert.equal(first.steps.length, 4);
  assert.deepEqual(routersOf(first), ["filter plausible", "set night/site", "set größe"]);
  assert.equal(second.wires[0]?.from, 'a "b" 😀');
});

test("routers are known by their names, in whatever layer", () => {
  const [first] = readChains(PRINTED);
  assert.ok(first);
  assert.ok(hasRouter(first, "site") && hasRouter(first, "plausible") && hasRouter(first, "größe"));
  assert.ok(!hasRouter(first, "night") && !hasRouter(first, "filter"));
});

test("a wire is asked for by its ends, unless an end has an arrow in it", () => {
  const [first, second] = readChains(PRINTED);
  assert.equal(wireArgument(first!.wires[1]!), "Read sensor -> f1a2");
  assert.equal(wireArgument(second!.wires[0]!), undefined);
});

test("a page numbers steps, but no look-ups, and names who shares them", () => {
  const [first] = readChains(PRINTED);
  assert.equal(
    pageOf(first!, first!.wires[0]!),
    `"Read sensor".1 -> "Label"
   1.  filter plausible: keep when msg.payload.temperature in -40..85
       look up msg.topic: 3 values; at most 1 of 2 steps
   2.    set night/site: msg.site = "north"
   3.    set größe: msg.size = 1

The same chain is on:
"Read sensor".2 -> id "f1a2"
`,
  );
});

test("nothing is made of what is no chain", () => {
  assert.deepEqual(readChains(""), []);
  assert.deepEqual(readChains("R1001\n\n  × no node is named `Read sensr`\n    ╭─[s.route:3:13]\n"), []);
});

test("what routec explain prints of every example is read whole", { skip }, () => {
  for (const example of ["greenhouse", "factory-line", "http-api"]) {
    const { stdout, status } = routec(["explain", "--color", "never", "--", `examples/${example}`]);
    assert.equal(status, 0);
    const chains = readChains(stdout);
    assert.ok(chains.length > 0, stdout);
    const lines = chains.flatMap((chain) => [...chain.wires.map((wire) => wire.line), ...chain.steps.map((step) => `    ${step}`)]);
    assert.deepEqual(lines, stdout.split("\n").filter((line) => line !== ""));
    for (const wire of chains.flatMap((chain) => chain.wires)) {
      const one = routec(["explain", `--wire=${wireArgument(wire)}`, "--", `examples/${example}`]);
      assert.ok(readChains(one.stdout).some((chain) => chain.wires.some((w) => w.line === wire.line)), wire.line);
    }
  }
});
