//! The hash of the deployed flows, as the compiler has it (`compiler/src/flow/hash.rs`): chain files name it in `flows`.
'use strict';

const { createHash } = require('node:crypto');
const { byCodePoint } = require('./order');

/** Members that only say where something is drawn. */
const POSITION = new Set(['x', 'y', 'w', 'h']);
/** Members of a subflow whose ports have positions of their own. */
const PORTS = new Set(['in', 'out', 'status']);

/**
 * Hex sha256 of the entries' normal form: sorted by id, with keys sorted and without positions.
 * @param {object[]} flows the list of nodes, as `JSON.parse` reads it
 * @returns {string} equal for flows that differ in order, white space or positions only
 */
function hashOf(flows) {
  const entries = flows.filter(isEntry).map((value) => ({ id: String(value.id), value }));
  entries.sort((a, b) => byCodePoint(a.id, b.id));
  const writer = new Writer();
  for (const { value } of entries) {
    writer.value(value, value.type === 'subflow' ? 3 : 1);
    writer.raw('\n');
  }
  return writer.finish();
}

const isEntry = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
  && ((typeof value.id === 'string' && value.id !== '') || typeof value.id === 'number');

class Writer {
  constructor() {
    this.sha = createHash('sha256');
    this.buffer = '';
  }

  raw(text) {
    this.buffer += text;
    if (this.buffer.length > 1 << 15) this.flush();
  }

  flush() {
    this.sha.update(this.buffer, 'utf8');
    this.buffer = '';
  }

  /** The length in bytes before the text keeps two texts apart without escapes. */
  text(text) {
    this.raw(`${Buffer.byteLength(text)}"`);
    // A surrogate at the border of two parts must not be torn apart.
    this.buffer += text;
  }

  /** `positions`: how many levels down from here an object may have positions. */
  value(value, positions) {
    const below = Math.max(0, positions - 1);
    if (value === null || value === undefined) this.raw('null');
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'number') this.raw(numberText(value));
    else if (typeof value === 'boolean') this.raw(String(value));
    else if (Array.isArray(value)) {
      this.raw('[');
      for (const item of value) {
        this.value(item, below);
        this.raw(',');
      }
      this.raw(']');
    } else this.object(value, positions, below);
  }

  object(value, positions, below) {
    this.raw('{');
    for (const key of Object.keys(value).sort(byCodePoint)) {
      if (value[key] === undefined || (positions > 0 && POSITION.has(key))) continue;
      this.text(key);
      this.raw(':');
      this.value(value[key], PORTS.has(key) ? below : 0);
      this.raw(',');
    }
    this.raw('}');
  }

  finish() {
    this.flush();
    return this.sha.digest('hex');
  }
}

/**
 * A number as the compiler prints it after it has read it from JSON: integers of 64 bits as they stand there, others with the shortest
 * digits that read back the same.
 */
function numberText(n) {
  const text = JSON.stringify(n);
  if (/^-?\d+$/.test(text)) {
    const whole = BigInt(text);
    if (whole >= LEAST && whole <= MOST) return text;
  }
  if (text === 'null') return text;
  const [, sign, first, rest = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(n.toExponential());
  const digits = first + rest;
  const point = Number(exponent) + 1;
  if (point > 16 || point <= -5) return `${sign}${first}${rest && `.${rest}`}e${exponent}`;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point).padEnd(point, '0')}.${digits.slice(point) || '0'}`;
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;

module.exports = { hashOf };
