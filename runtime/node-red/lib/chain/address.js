//! IP addresses and networks, read as Rust's `std::net` reads them. An address is a list of bytes: 4 or 16.
'use strict';

const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

function ipv4(text) {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (OCTET.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

/** Groups between colons as bytes, the last one perhaps an IPv4 address. */
function groups(text, mayEndAsIpv4) {
  if (text === '') return [];
  const bytes = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) {
      const group = parseInt(part, 16);
      bytes.push(group >> 8, group & 255);
    } else {
      const four = mayEndAsIpv4 && i === parts.length - 1 ? ipv4(part) : undefined;
      if (four === undefined) return undefined;
      bytes.push(...four);
    }
  }
  return bytes;
}

function ipv6(text) {
  const gap = text.indexOf('::');
  if (gap < 0) {
    const bytes = groups(text, true);
    return bytes?.length === 16 ? bytes : undefined;
  }
  const head = groups(text.slice(0, gap), false);
  const tail = groups(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array(16 - head.length - tail.length).fill(0), ...tail];
}

/** The bytes of an address, or `undefined`. */
function parse(text) {
  if (text.length > 45) return undefined;
  return text.includes(':') ? ipv6(text) : ipv4(text);
}

const isMapped = (bytes) => bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;

/** An IPv4 address written as IPv6 is IPv4. */
const canonical = (bytes) => (isMapped(bytes) ? bytes.slice(12) : bytes);

/** The longest run of zero groups that is worth `::`, the first of those. */
function longestGap(parts) {
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from += 1) {
    let length = 0;
    while (from + length < 8 && parts[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  return best;
}

function show(bytes) {
  if (bytes.length === 4) return bytes.join('.');
  const parts = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1]);
  const hex = (some) => some.map((part) => part.toString(16)).join(':');
  const gap = longestGap(parts);
  return gap.length > 1 ? `${hex(parts.slice(0, gap.from))}::${hex(parts.slice(gap.from + gap.length))}` : hex(parts);
}

/** An address in canonical form; `undefined` when the text is none. */
function ip(text) {
  const bytes = parse(text);
  return bytes && show(canonical(bytes));
}

/** A network, `10.0.0.0/8`; `undefined` when the text is none. */
function network(text) {
  const slash = text.indexOf('/');
  const base = slash < 0 ? undefined : parse(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (base === undefined || !/^\+?\d+$/.test(digits)) return undefined;
  const bits = Number(digits);
  return bits <= base.length * 8 ? { base, bits } : undefined;
}

/** Whether a text is an address in a network. */
function isIn({ base, bits }, text) {
  const parsed = parse(text);
  const bytes = parsed && canonical(parsed);
  if (bytes?.length !== base.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i += 1) if (bytes[i] !== base[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (bytes[whole] ^ base[whole]) >> (8 - rest) === 0;
}

module.exports = { ip, isIn, network };
