//! Takes a layer out of a compiled stack, without the text that it was compiled from (`chain/src/layer.rs` is the master).
'use strict';

/**
 * The set as if the layer had never been in it. Sound because no router's steps depend on those of another layer. Paths and
 * regular expressions stay, as they cost nothing where nothing refers to them.
 * @param {object} set a checked chain set
 * @param {string} layer
 */
function withoutLayer(set, layer) {
  const numbers = renumbered(set.routers.map((router) => router.layer !== layer));
  const known = new Map();
  const chains = [];
  const places = set.chains.map((chain) => {
    const shorter = shortened(chain, numbers);
    const key = JSON.stringify(shorter);
    if (!known.has(key)) {
      known.set(key, chains.length);
      chains.push(shorter);
    }
    return known.get(key);
  });
  const wires = set.wires
    .map((wire) => ({ ...wire, chain: places[wire.chain] }))
    .filter((wire) => chains[wire.chain].steps.length > 0);
  return { ...set, routers: set.routers.filter((router) => router.layer !== layer), chains, wires };
}

/** The new number of each thing that stays. */
function renumbered(stay) {
  let next = 0;
  return stay.map((stays) => (stays ? next++ : undefined));
}

function shortened(chain, routers) {
  const moved = renumbered(chain.steps.map((step) => routers[step.router] !== undefined));
  const steps = chain.steps
    .filter((step) => routers[step.router] !== undefined)
    .map((step) => ({ ...step, router: routers[step.router] }));
  const tables = (chain.tables ?? []).map((table) => shortenedTable(table, moved)).filter(Boolean);
  return tables.length > 0 ? { steps, tables } : { steps };
}

/** `undefined`: it spares nothing any more. */
function shortenedTable(table, moved) {
  const before = (step) => moved.slice(0, step).filter((at) => at !== undefined).length;
  const [from, to] = [before(table.from), before(table.to)];
  if (to <= from + 1) return undefined;
  const list = (steps) => steps.map((step) => moved[step]).filter((at) => at !== undefined);
  const pairs = (all) => all.map(([value, steps]) => [value, list(steps)]);
  const prefix = table.prefix ? { prefix: pairs(table.prefix) } : {};
  return { from, to, path: table.path, equal: pairs(table.equal), ...prefix, other: list(table.other) };
}

module.exports = { withoutLayer };
