//! The entries of the deployed flows by what they are, wires and links resolved inside each scope
//! (`compiler/src/flow/entries.rs` is the master).
'use strict';

/** More outputs than this no node has; a bigger number is a slip that must not cost memory. */
const MAX_OUTPUTS = 65536;
/** Groups nest no deeper; a chain of parents that is longer is a cycle. */
const MAX_GROUPS = 64;

const list = (value) => (Array.isArray(value) ? value : []);
const text = (value) => (typeof value === 'string' ? value : '');

/** A number, also when it is written as text. */
function number(value) {
  if (typeof value === 'number') return value;
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isFinite(read) ? read : 0;
}

/**
 * Sorts the entries; of doubled ids the first one counts.
 * @param {object[]} flows
 * @returns tabs, groups and subflow definitions by id, nodes by id, and the nodes outside of all definitions
 */
function sort(flows) {
  const out = { tabs: new Map(), groups: new Map(), subflows: new Map(), nodes: new Map(), roots: [] };
  const rest = [];
  const seen = new Set();
  for (const value of flows) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) continue;
    const id = typeof value.id === 'number' ? String(value.id) : value.id;
    if (typeof id !== 'string' || id === '' || seen.has(id)) continue;
    seen.add(id);
    if (value.type === 'tab') out.tabs.set(id, { id, name: text(value.label), disabled: Boolean(value.disabled) });
    else if (value.type === 'group') out.groups.set(id, { id, name: named(value), disabled: Boolean(value.d), g: value.g });
    else if (value.type === 'subflow') out.subflows.set(id, definition(id, value));
    else rest.push([id, value]);
  }
  const targets = wireTargets(rest);
  for (const [id, value] of rest) place(out, id, value, targets);
  for (const node of out.nodes.values()) lines(out, node);
  links(out);
  for (const def of out.subflows.values()) ports(out, def);
  return out;
}

const named = (value) => (value.name === undefined ? text(value.label) : text(value.name));

function definition(id, value) {
  return {
    id, name: named(value), disabled: Boolean(value.d), value,
    items: [], inputs: [], straight: [], feeds: new Map(), outputs: 0, labels: labels(value.outputLabels), hasStatus: false,
  };
}

const labels = (value) => list(value).map(text);

/** Ids that some wire names: what a wire leads to is no config node, whatever else it lacks. */
function wireTargets(rest) {
  const ids = new Set();
  for (const [, value] of rest) {
    for (const port of list(value.wires)) for (const target of Array.isArray(port) ? port : [port]) ids.add(target?.id ?? target);
  }
  return ids;
}

function place(out, id, value, targets) {
  const wired = value.wires !== undefined || targets.has(id);
  if (!wired && (value.x === undefined || value.y === undefined)) return; // a config node: no message passes through it
  const tab = out.tabs.get(value.z);
  const subflow = out.subflows.get(value.z);
  const groups = groupsOf(out, value);
  const disabled = Boolean(value.d) || Boolean(tab?.disabled) || groups.some((group) => group.disabled);
  const instanceOf = text(value.type).startsWith('subflow:') ? out.subflows.get(value.type.slice('subflow:'.length)) : undefined;
  const node = {
    id, type: text(value.type), name: text(value.name), value, tab, subflow, groups, disabled, instanceOf,
    wires: [], outputs: 0, labels: labels(value.outputLabels),
  };
  out.nodes.set(id, node);
  (subflow ? subflow.items : out.roots).push(node);
}

/** The groups that a node stands in, innermost first. */
function groupsOf(out, value) {
  const chain = [];
  let group = out.groups.get(value.g);
  while (group && chain.length < MAX_GROUPS && !chain.includes(group)) {
    chain.push(group);
    group = out.groups.get(group.g);
  }
  return chain;
}

/** The lines of the editor. */
function lines(out, node) {
  for (const port of list(node.value.wires).slice(0, MAX_OUTPUTS)) {
    const targets = new Set();
    for (const item of Array.isArray(port) ? port : port === null ? [] : [port]) {
      const to = out.nodes.get(item?.id ?? item);
      if (to && to.subflow === node.subflow) targets.add(to);
    }
    node.wires.push([...targets].map((to) => ({ to, kind: 'line' })));
  }
  const given = Math.trunc(number(node.value.outputs));
  node.outputs = Math.max(node.wires.length, Math.min(Math.max(given, 0), MAX_OUTPUTS));
}

const sendsLinks = (node) => node.type === 'link out' && node.value.mode !== 'return';
const callsLinks = (node) => node.type === 'link call' && node.value.linkType !== 'dynamic';

/** Link out → link in from both ends' `links`. Link calls pass no wire that Node-RED shows. */
function links(out) {
  const seen = new Map();
  for (const node of out.nodes.values()) {
    if (!(sendsLinks(node) || callsLinks(node) || node.type === 'link in')) continue;
    for (const id of list(node.value.links)) {
      const other = out.nodes.get(id);
      if (!other) continue;
      const [from, to] = node.type === 'link in' ? [other, node] : [node, other];
      if (node.type === 'link in' && !sendsLinks(from)) continue;
      if (to.type !== 'link in' || from.subflow !== to.subflow) continue;
      const known = seen.get(from) ?? new Set();
      seen.set(from, known);
      if (known.has(to)) continue;
      known.add(to);
      from.outputs = Math.max(from.outputs, 1);
      if (from.wires.length === 0) from.wires.push([]);
      from.wires[0].push({ to, kind: callsLinks(from) ? 'call' : 'link' });
    }
  }
}

/** The ends of a subflow's port: id and port from 0. */
const wireEnds = (port) => list(port?.wires).map((end) => {
  const at = Math.trunc(number(end?.port));
  return [end?.id ?? end, Math.min(Math.max(at, 0), MAX_OUTPUTS - 1)];
});

/** Inputs, outputs and status of a definition. */
function ports(out, def) {
  const { value } = def;
  const inside = (id) => {
    const node = out.nodes.get(id);
    return node && node.subflow === def ? node : undefined;
  };
  for (const port of list(value.in)) {
    const targets = wireEnds(port).map(([id]) => inside(id)).filter(Boolean);
    def.inputs.push(targets.map((to) => ({ to, kind: 'subflow' })));
  }
  const ends = list(value.out).map((port, at) => [port, at]);
  def.outputs = ends.length;
  def.hasStatus = value.status !== null && typeof value.status === 'object' && !Array.isArray(value.status);
  if (def.hasStatus) ends.push([value.status, STATUS]);
  for (const [port, end] of ends) {
    for (const [id, at] of wireEnds(port)) {
      if (id === def.id) {
        def.straight.push([at, end]);
        continue;
      }
      const from = inside(id);
      if (!from) continue;
      if (!def.feeds.has(from)) def.feeds.set(from, []);
      def.feeds.get(from).push([at, end]);
      from.outputs = Math.max(from.outputs, at + 1);
    }
  }
}

/** The end of a port that is the instance's status, in place of the number of an output. */
const STATUS = -1;

module.exports = { sort, STATUS };
