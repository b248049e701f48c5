//! Wires of the runtime and wires of the workspace. Inside a subflow's instances the runtime has nodes of its own, whose ids are
//! `INSTANCE-NODE`; the workspace has the one template.

export const linkKey = (from, port, to) => JSON.stringify([from, port, to]);

/**
 * The node of the workspace that a node of the runtime is drawn as.
 * @returns {{node: object, instance?: object, outer?: string}|undefined} `instance`, `outer`: the nearest subflow instance it is in,
 *   as the workspace and as the runtime has it
 */
export function drawn(id) {
  const node = RED.nodes.node(id);
  if (node) return { node };
  // Ids may contain the dash themselves: a split counts when the types agree.
  for (let dash = id.lastIndexOf('-'); dash > 0; dash = id.lastIndexOf('-', dash - 1)) {
    const inner = RED.nodes.node(id.slice(dash + 1));
    const outer = id.slice(0, dash);
    const instance = inner && drawn(outer)?.node;
    if (instance && instance.type === `subflow:${inner.z}`) return { node: inner, instance, outer };
  }
  return undefined;
}

/** Keys of the links of the workspace that a wire of the runtime is drawn as: none for a link node's, several out of a subflow. */
export function linksOf([from, port, to]) {
  const [source, target] = [drawn(from), drawn(to)];
  if (!source || !target) return [];
  if (source.node.type === `subflow:${target.node.z}`) return [linkKey(`in ${target.node.z}`, port, target.node.id)];
  return outOf(source, port, target.node);
}

/** From inside a subflow to the outside: the link to the template's output, and the one from the instance's, which may be inside another. */
function outOf({ node, instance, outer }, port, target) {
  if (node.z === target.z) return [linkKey(node.id, port, target.id)];
  if (!instance) return [];
  const outputs = RED.nodes.subflow(node.z)?.out ?? [];
  const found = outputs.findIndex((out) => RED.nodes.filterLinks({ source: node, sourcePort: port, target: out }).length > 0);
  if (found < 0) return [];
  return [linkKey(node.id, port, `out ${node.z} ${found}`), ...outOf(drawn(outer), found, target)];
}

/** The key of a link that the workspace shows. */
export function keyOf({ source, sourcePort, target }) {
  const from = source.type === 'subflow' ? `in ${source.z}` : source.id;
  const to = target.type === 'subflow' ? `out ${target.z} ${target.i}` : target.id;
  return linkKey(from, source.type === 'subflow' ? source.i : sourcePort ?? 0, to);
}

/** Where a breakpoint on a link is, for the plugin; a template's inputs and outputs are no nodes. */
export function placeOf({ source, sourcePort, target }) {
  return {
    ...(source.type === 'subflow' ? {} : { from: source.id, port: sourcePort ?? 0 }),
    ...(target.type === 'subflow' ? {} : { to: target.id }),
  };
}

/** A node's name for people. */
export function nameOf(id) {
  const found = drawn(id);
  if (!found) return id;
  const { node, instance } = found;
  const own = RED.utils.getNodeLabel(node, node.id);
  return instance ? `${own} in ${RED.utils.getNodeLabel(instance, instance.id)}` : own;
}

/** A wire for people; outputs count from 1, and go without saying where a node has one. */
export function wireName({ from, port, to }) {
  const outputs = from === undefined ? 1 : drawn(from)?.node.outputs ?? 1;
  const output = port !== undefined && outputs > 1 ? `.${port + 1}` : '';
  return `${from === undefined ? 'any node' : `${nameOf(from)}${output}`} → ${to === undefined ? 'any node' : nameOf(to)}`;
}
