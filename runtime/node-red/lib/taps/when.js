//! A condition on messages, asked for a subscriber.
'use strict';

const { FormatError } = require('../format');
const { link } = require('../chain');

/**
 * @param {object} set a checked stack of one filter: what it keeps, wire by wire
 * @returns {(wire: {from: string, port: number, to: string}, msg: object) => boolean}
 * @throws {FormatError} it is no such stack
 */
function whenOf(set) {
  const isFilter = ({ steps }) => steps.length === 0
    || (steps.length === 1 && (steps[0].when === undefined || steps[0].when === null) && steps[0].op.keep !== undefined);
  if (!set.chains.every(isFilter)) throw new FormatError('invalid', 'it is no stack of one filter');
  const linked = link(set);
  const host = { now: Date.now, random: Math.random };
  return ({ from, port, to }, msg) => (linked.chainOf(from, port, to)?.run(msg, host) ?? null) === null;
}

module.exports = { whenOf };
