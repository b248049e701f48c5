//! Values as JSON text, as `JSON.stringify` writes them; their size, hash, and what limits count by. Texts by code point.
'use strict';

const { createHash } = require('node:crypto');
const { MAX_DEPTH, MAX_MEMBERS, isArray, isBuffer, isDate, isPlain, label, timeOf } = require('./values');

/** Order of two texts by code point. In UTF-16 surrogates stand below what is above U+E000. */
function compareText(a, b) {
  const length = a.length < b.length ? a.length : b.length;
  for (let i = 0; i < length; i += 1) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x !== y) {
      if (x >= 0xd800 && y >= 0xd800) {
        x += x >= 0xe000 ? -0x800 : 0x2000;
        y += y >= 0xe000 ? -0x800 : 0x2000;
      }
      return x - y;
    }
  }
  return a.length - b.length;
}

/** Longest piece that is quoted at once: quoting makes a text up to six times as long. */
const PIECE = 1 << 20;

const isHigh = (unit) => (unit & 0xfc00) === 0xd800;

function quoted(text, put) {
  if (text.length <= PIECE) return put(JSON.stringify(text));
  put('"');
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + PIECE, text.length);
    if (isHigh(text.charCodeAt(to - 1)) && to < text.length) to += 1;
    put(JSON.stringify(text.slice(from, to)).slice(1, -1));
    from = to;
  }
  return put('"');
}

/** Writes a value piece by piece; `sorted` orders keys by code point. False: it is too deep or has too many members. */
class Writer {
  constructor(put, sorted) {
    this.put = put;
    this.sorted = sorted;
    this.members = MAX_MEMBERS;
  }

  write(value, depth) {
    switch (typeof value) {
      case 'string': quoted(value, this.put); return true;
      case 'number': this.put(Number.isFinite(value) ? String(value) : 'null'); return true;
      case 'boolean': this.put(value ? 'true' : 'false'); return true;
      case 'undefined': this.put('null'); return true;
      case 'object': return this.object(value, depth);
      default: this.put(JSON.stringify(label(value))); return true;
    }
  }

  object(value, depth) {
    if (value === null) this.put('null');
    else if (isArray(value)) return this.list(value, depth);
    else if (isPlain(value)) return this.record(value, depth);
    else if (isBuffer(value)) this.buffer(value);
    else if (isDate(value)) this.date(timeOf(value));
    else this.put(JSON.stringify(label(value)));
    return true;
  }

  spends(many, depth) {
    this.members -= many;
    return depth < MAX_DEPTH && this.members >= 0;
  }

  list(items, depth) {
    if (!this.spends(items.length, depth)) return false;
    this.put('[');
    for (let i = 0; i < items.length; i += 1) {
      if (i > 0) this.put(',');
      if (!this.write(items[i], depth + 1)) return false;
    }
    this.put(']');
    return true;
  }

  record(object, depth) {
    const keys = Object.keys(object);
    if (!this.spends(keys.length, depth)) return false;
    if (this.sorted) keys.sort(compareText);
    let comma = '{';
    for (const key of keys) {
      const value = object[key];
      if (value !== undefined) {
        this.put(comma);
        quoted(key, this.put);
        this.put(':');
        if (!this.write(value, depth + 1)) return false;
        comma = ',';
      }
    }
    this.put(comma === '{' ? '{}' : '}');
    return true;
  }

  buffer(bytes) {
    this.put(this.sorted ? '{"data":[' : '{"type":"Buffer","data":[');
    for (let from = 0; from < bytes.length; from += 4096) {
      this.put((from > 0 ? ',' : '') + bytes.subarray(from, from + 4096).join(','));
    }
    this.put(this.sorted ? '],"type":"Buffer"}' : ']}');
  }

  date(ms) {
    this.put(Number.isNaN(ms) ? 'null' : `"${new Date(ms).toISOString()}"`);
  }
}

/** The JSON text of a value; `undefined` when it is too deep or has too many members, or no text can be as long. */
function jsonText(value, sorted = false) {
  const pieces = [];
  if (!new Writer((piece) => pieces.push(piece), sorted).write(value, 0)) return undefined;
  try {
    return pieces.join('');
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Bytes of the JSON text; `undefined` as for `jsonText`. */
function size(value) {
  let bytes = 0;
  const fits = new Writer((piece) => { bytes += Buffer.byteLength(piece); }, false).write(value, 0);
  return fits ? bytes : undefined;
}

const PRIME = 0x01000193;
const mixed = (hash, byte) => Math.imul(hash ^ byte, PRIME);

/** FNV-1a over the UTF-8 of a text without lone surrogates. */
function fnv(hash, text) {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      hash = mixed(hash, unit);
    } else if (unit < 0x800) {
      hash = mixed(mixed(hash, 0xc0 | (unit >> 6)), 0x80 | (unit & 63));
    } else if (isHigh(unit)) {
      const point = text.codePointAt(i);
      i += 1;
      hash = mixed(mixed(hash, 0xf0 | (point >> 18)), 0x80 | ((point >> 12) & 63));
      hash = mixed(mixed(hash, 0x80 | ((point >> 6) & 63)), 0x80 | (point & 63));
    } else {
      hash = mixed(mixed(mixed(hash, 0xe0 | (unit >> 12)), 0x80 | ((unit >> 6) & 63)), 0x80 | (unit & 63));
    }
  }
  return hash;
}

/** FNV-1a 32 of the canonical JSON text; `undefined` as for `jsonText`. */
function hash(value) {
  let all = 0x811c9dc5;
  const fits = new Writer((piece) => { all = fnv(all, piece); }, true).write(value, 0);
  return fits ? all >>> 0 : undefined;
}

/** Where a key lies between 0 and 1: its hash through the finalizer of MurmurHash3. A value without text counts as `null`. */
function share(value) {
  let h = hash(value) ?? hash(null);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Units up to which a text is kept as a key as it is; of longer ones the SHA-256. */
const SHORT = 128;

const digest = (text) => `long ${createHash('sha256').update(text).digest('base64')}`;

/** What a limit counts a value by: values are one key when their canonical JSON texts are equal. */
function keyOf(value) {
  if (typeof value === 'string') return value.length <= SHORT ? `text ${value}` : digest(JSON.stringify(value));
  if (value === undefined) return 'absent';
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const text = jsonText(value, true);
  if (text === undefined) return 'absent';
  // A Date, and the name of a live thing, are their text.
  if (text.startsWith('"')) return keyOf(JSON.parse(text));
  return text.length <= SHORT ? `json ${text}` : digest(text);
}

module.exports = { compareText, hash, jsonText, keyOf, share, size };
