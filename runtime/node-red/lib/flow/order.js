//! Texts as UTF-8 has them, which the compiler sees.
'use strict';

const { compareText } = require('../chain/text');

/** Half a character of its own, which UTF-8 cannot say: it is read as U+FFFD there. */
const LONE = /\p{Surrogate}/gu;

const isWellFormed = (text) => text.search(LONE) < 0;

const wellFormed = (text) => text.replace(LONE, '\ufffd');

/** Orders texts by code point, as UTF-8 has them, where JavaScript orders them by UTF-16 unit. */
const byCodePoint = (one, other) => compareText(wellFormed(one), wellFormed(other));

module.exports = { byCodePoint, isWellFormed, wellFormed };
