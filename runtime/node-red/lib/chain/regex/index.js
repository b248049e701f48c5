//! Regular expressions in the syntax of Rust's `regex` crate.
'use strict';

const { Automaton } = require('./automaton');
const { native } = require('./native');
const { parse } = require('./parse');

/**
 * A function that tells whether a text matches, in time that grows with the text alone.
 * @param {string} text
 * @returns {((text: string) => boolean) & { native?: RegExp }} `native`: an expression for JavaScript's own engine that says the same
 * @throws {SyntaxError} it is none, or cannot be run here
 */
function matcher(text) {
  const tree = parse(text);
  const automaton = new Automaton(tree);
  const expression = native(tree);
  if (expression === undefined) return (of) => automaton.matches(of);
  return Object.assign((of) => expression.test(of), { native: expression });
}

module.exports = { matcher };
