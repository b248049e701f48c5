'use strict';

/** Half a character of its own, which UTF-8 cannot say: it is read as U+FFFD there. */
const LONE = /[\ud800-\udfff]/gu;
const SURROGATE = /[\ud800-\udfff]/;

const wellFormed = (text) => (SURROGATE.test(text) ? text.replace(LONE, '\ufffd') : text);

/** Orders texts by code point, as UTF-8 has them, where JavaScript orders them by UTF-16 unit. */
function byCodePoint(one, other) {
  const [a, b] = [wellFormed(one), wellFormed(other)];
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    let x = a.charCodeAt(at);
    let y = b.charCodeAt(at);
    if (x !== y) {
      // Surrogates stand for code points above all others.
      if (x >= 0xd800 && y >= 0xd800) {
        x = x < 0xe000 ? x + 0x2000 : x - 0x800;
        y = y < 0xe000 ? y + 0x2000 : y - 0x800;
      }
      return x - y;
    }
  }
  return a.length - b.length;
}

module.exports = { byCodePoint };
