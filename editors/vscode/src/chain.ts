// What `routec explain STACK` prints, read back: wires, and the chain that they share.

/** A wire as it is printed. */
export interface Wire {
  /** The whole line, such as `"Too hot?".1 -> "Alarm text"`. */
  line: string;
  /** The sending end: a name, or an id. */
  from: string;
  /** The output, from 1. */
  output: number;
  /** The receiving end. */
  to: string;
}

/** Wires that share a chain. */
export interface Chain {
  wires: Wire[];
  /** Steps in order, without their indent. */
  steps: string[];
}

const END = String.raw`(?:id )?"(?:\\.|[^"\\])*"`;
const WIRE = new RegExp(String.raw`^(${END})\.(\d+) -> (${END})$`);

/** Reads the chains; what is no chain is left out. */
export function readChains(printed: string): Chain[] {
  const chains: Chain[] = [];
  let open: Chain | undefined;
  for (const line of printed.split(/\r?\n/)) {
    const wire = WIRE.exec(line);
    if (wire) {
      // A wire after steps begins another chain.
      if (open === undefined || open.steps.length > 0) chains.push((open = { wires: [], steps: [] }));
      open.wires.push({ line, from: bare(wire[1] ?? ""), output: Number(wire[2]), to: bare(wire[3] ?? "") });
    } else if (line.startsWith("    ") && open !== undefined) {
      open.steps.push(line.slice(4));
    } else if (line.trim() === "") {
      open = undefined;
    }
  }
  return chains;
}

/** An end without quotes, `id` and escapes. */
function bare(end: string): string {
  const quoted = end.replace(/^id /, "").slice(1, -1);
  return quoted.replace(/\\(?:u\{([0-9a-fA-F]+)\}|(.))/g, (_, hex: string | undefined, one: string | undefined) =>
    hex !== undefined ? String.fromCodePoint(parseInt(hex, 16)) : ({ n: "\n", t: "\t", r: "\r", "0": "\0" }[one ?? ""] ?? one ?? ""),
  );
}

/** The routers of a chain in order, such as `filter plausible`; `night/look` is a router of another layer. */
export function routersOf(chain: Chain): string[] {
  const heads = chain.steps.map((step) => /^\s*(\p{L}+ [\p{L}\p{M}\p{N}_./-]+):/u.exec(step)?.[1]);
  return heads.filter((head): head is string => head !== undefined);
}

/** Whether one of the routers bears this name, in whatever layer. */
export function hasRouter(chain: Chain, name: string): boolean {
  return routersOf(chain).some((router) => router.split(/[ /]/).at(-1) === name);
}

/** What to say after `--wire` to see this wire; it may show others whose names contain these. */
export function wireArgument(wire: Wire): string | undefined {
  // An end with an arrow in its name cannot be told from the arrow between the ends.
  return [wire.from, wire.to].some((end) => end.includes("->")) ? undefined : `${wire.from} -> ${wire.to}`;
}

/** The chain of a wire as a page: the wire, the steps numbered, and who shares them. */
export function pageOf(chain: Chain, wire: Wire): string {
  const lines = [wire.line];
  let at = 0;
  for (const step of chain.steps) {
    // A look-up is about the steps that are indented below it, and no step itself.
    lines.push(/^\s*look up /.test(step) ? `       ${step}` : `${String(++at).padStart(4)}.  ${step}`);
  }
  const others = chain.wires.filter((other) => other.line !== wire.line);
  if (others.length > 0) lines.push("", "The same chain is on:", ...others.map((other) => other.line));
  return `${lines.join("\n")}\n`;
}
