//! Breakpoints that are set by a click in the editor: an overlay `debug`, whose text this writes and reads again.
'use strict';

const { Refusal } = require('./refusal');

/** The overlay, and the file that holds its text. */
const LAYER = 'debug';
const FILE = '/node-red/debug.route';
/** Below an overlay there must be a stack; this one does nothing. */
const NOTHING = { root: '/node-red/empty.route', files: { '/node-red/empty.route': 'stack empty\n' }, params: [] };

const HEAD = '// Breakpoints set in the Node-RED editor. Change them there: what is written here by hand is lost.\n';
const MARK = '// at ';
/** What a breakpoint of the editor does with a message that nobody cares for. */
const HOLD = 'hold at most 100 for 10m then pass';

/**
 * Where a breakpoint is, by ids of the flows as they are deployed (inside a subflow: of every instance). Without `from` or `to`
 * any node is meant; `port` counts from 0.
 * @typedef {{name: string, from?: string, port?: number, to?: string}} Point
 */

class Breakpoints {
  /** @param {object} options `stacks`; `recompile(entry, deployed)`; `canCompile`: whether a compiler is at hand */
  constructor({ stacks, recompile, canCompile }) {
    Object.assign(this, { stacks, recompile, canCompile });
    /** Compilations take their time: the next change begins when the one before has ended. */
    this.queue = Promise.resolve();
  }

  get overlay() {
    return this.stacks.ledger.current.sources.overlays.find((overlay) => overlay.name === LAYER);
  }

  /** For the editor: whose they are, and where; `isOurs` is false when somebody wrote the overlay by hand. */
  status() {
    const { overlay } = this;
    const points = overlay ? pointsOf(overlay) : [];
    return { compiler: this.canCompile, owner: overlay?.owner ?? null, ours: points !== undefined, points: points ?? [] };
  }

  /** @throws {Refusal} */
  add(wish, by) {
    return this.inTurn(() => {
      const point = this.checked(wish);
      const points = this.points(by);
      if (points.some((one) => place(one) === place(point))) throw new Refusal(409, `\`${place(point)}\` has a breakpoint`);
      const taken = new Set(points.map(({ name }) => name));
      let number = 1;
      while (taken.has(`debug${number}`)) number += 1;
      return this.put([...points, { name: `debug${number}`, ...point }], by, `set breakpoint \`debug${number}\` in the editor`);
    });
  }

  /** @throws {Refusal} */
  remove(name, by) {
    return this.inTurn(() => {
      const points = this.points(by);
      const rest = points.filter((point) => point.name !== name);
      if (rest.length === points.length) throw new Refusal(404, `no breakpoint is called \`${name}\``);
      // The last one takes the overlay along, which needs no compiler.
      if (rest.length === 0) return this.stacks.removeOverlay({ name: LAYER, by });
      return this.put(rest, by, `removed breakpoint \`${name}\` in the editor`);
    });
  }

  inTurn(call) {
    const turn = this.queue.then(call);
    this.queue = turn.catch(() => {});
    return turn;
  }

  /** Those that are there, to be changed. */
  points(by) {
    const { overlay } = this;
    if (!overlay) return [];
    if (overlay.owner !== by) throw new Refusal(409, `the overlay \`${LAYER}\` belongs to ${overlay.owner || 'nobody'}; it can be taken away as a whole`);
    const points = pointsOf(overlay);
    if (!points) throw new Refusal(409, `the overlay \`${LAYER}\` was not made in the editor; it can be taken away as a whole`);
    return points;
  }

  /** A wish with ids that the deployed flows have. */
  checked(wish) {
    const { flows } = this.stacks.needFlows();
    const known = new Set(flows.map((entry) => String(entry.id)));
    const { from, port, to, ...more } = wish;
    const [unknown] = Object.keys(more);
    if (unknown !== undefined) throw new Refusal(422, `this is no place for a breakpoint: unknown field \`${unknown}\``);
    if (from === undefined && to === undefined) throw new Refusal(422, 'this is no place for a breakpoint: it names neither `from` nor `to`');
    for (const id of [from, to]) {
      if (id === undefined) continue;
      // Selectors give these characters a meaning of their own.
      if (typeof id !== 'string' || /["\\*?\p{Cc}]/u.test(id)) throw new Refusal(422, 'a breakpoint cannot be set at a node with such an id');
      if (!known.has(id)) throw new Refusal(422, `the deployed flows have no node \`${id}\`: deploy first`);
    }
    if (port !== undefined && (!Number.isInteger(port) || port < 0 || from === undefined)) throw new Refusal(422, '`port` is an output of `from`, from 0');
    return Object.fromEntries(Object.entries({ from, port, to }).filter(([, value]) => value !== undefined));
  }

  async put(points, by, why) {
    const { ledger, now } = this.stacks;
    const expected = ledger.tag;
    const { sources, set } = ledger.current;
    if (!this.canCompile) throw new Refusal(501, 'breakpoints need the compiler, and no `routec` is on the PATH (settings.js: `route: { routec: "/path/to/routec" }`)');
    if (sources.root === '' && set.routers.length > 0) {
      throw new Refusal(409, 'the stack in place came without its text, so nothing can be put on it; apply the `.route` file of the stack first');
    }
    const before = sources.overlays.find((overlay) => overlay.name === LAYER);
    const overlay = { name: LAYER, owner: by, root: FILE, files: { [FILE]: textOf(points) }, params: [], since_ms: before?.since_ms ?? now() };
    const wished = { ...sources, ...(sources.root === '' ? NOTHING : {}), overlays: [...sources.overlays.filter((one) => one !== before), overlay] };
    const made = await this.recompile({ sources: wished, set }, this.stacks.needFlows());
    return this.stacks.change({ set: made.set, sources: wished, by, why, expected });
  }
}

const place = ({ from, port, to }) => {
  const output = port === undefined ? '' : `.${port + 1}`;
  return `${from === undefined ? '*' : `id "${from}"${output}`} -> ${to === undefined ? '*' : `id "${to}"`}`;
};

function textOf(points) {
  const one = (point) => `\n${MARK}${JSON.stringify(point)}\nbreak ${point.name} on ${place(point)} {\n  ${HOLD}\n}\n`;
  return HEAD + points.map(one).join('');
}

/**
 * Sources without the breakpoints of the editor at nodes that are gone: they must not keep the stack from being compiled again.
 * @param {object} sources
 * @param {object[]} flows as they are deployed
 */
function fitted(sources, flows) {
  const overlay = sources.overlays.find(({ name }) => name === LAYER);
  const points = overlay && pointsOf(overlay);
  if (!points) return sources;
  const known = new Set(flows.map((entry) => String(entry.id)));
  const left = points.filter(({ from, to }) => [from, to].every((id) => id === undefined || known.has(id)));
  if (left.length === points.length) return sources;
  const others = sources.overlays.filter((one) => one !== overlay);
  return { ...sources, overlays: left.length > 0 ? [...others, { ...overlay, files: { [FILE]: textOf(left) } }] : others };
}

/** What `textOf` wrote; `undefined`: somebody else wrote it. */
function pointsOf({ root, files }) {
  const text = files[root] ?? '';
  try {
    const points = text.split('\n').filter((line) => line.startsWith(MARK)).map((line) => JSON.parse(line.slice(MARK.length)));
    return textOf(points) === text ? points : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { Breakpoints, LAYER, fitted };
