//! The texts that a stack was compiled from, and its overlays with their times.
'use strict';

const s = require('../shape');
const { Refusal } = require('../refusal');
const { withoutLayer } = require('./layer');

const params = s.left(s.list(s.tuple(s.text, s.text)));

const overlay = s.record({
  name: s.text, owner: s.left(s.text), root: s.left(s.text), files: s.left(s.textMap), params,
  since_ms: s.left(s.number), for_ms: s.optional(s.number), until_ms: s.optional(s.number),
});

const sources = s.record({ root: s.left(s.text), files: s.left(s.textMap), params, overlays: s.left(s.list(overlay)) });

/**
 * Checks the sources of a request and turns durations into times.
 * @throws {Refusal}
 */
function begin(given, now) {
  try {
    sources(given, 'sources');
  } catch (error) {
    if (error instanceof s.Mismatch) throw new Refusal(422, `this is no stack: ${error.message}`);
    throw error;
  }
  const names = new Set();
  const overlays = (given.overlays ?? []).map((one) => {
    if (one.name === '' || names.has(one.name)) {
      throw new Refusal(422, `two overlays are called \`${one.name}\`, or one has no name`);
    }
    names.add(one.name);
    const { for_ms: time, until_ms: until, ...rest } = one;
    const end = time === undefined || time === null ? until : now + Math.max(0, time);
    const since = rest.since_ms > 0 ? rest.since_ms : now;
    return { owner: '', root: '', files: {}, params: [], ...rest, since_ms: since, ...(end === undefined || end === null ? {} : { until_ms: end }) };
  });
  return { root: given.root ?? '', files: given.files ?? {}, params: given.params ?? [], overlays };
}

const isOver = (overlay, now) => overlay.until_ms !== undefined && overlay.until_ms <= now;

/** When the first overlay is over; `undefined`: never. */
function firstEnd({ overlays }) {
  const ends = overlays.map((one) => one.until_ms).filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** A set and its sources without the overlays of which `gone` is true. */
function without(set, given, gone) {
  const rest = { ...given, overlays: given.overlays.filter((one) => !gone(one)) };
  const less = given.overlays.filter(gone).reduce((whole, one) => withoutLayer(whole, one.name), set);
  return { set: less, sources: rest };
}

module.exports = { begin, isOver, firstEnd, without };
