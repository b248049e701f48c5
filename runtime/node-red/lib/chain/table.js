//! Tables of the chain file in their running form: which steps of a run can act on a message, by its value at one path.
'use strict';

const { contentOf, nameOf, variant } = require('./variant');

class Table {
  constructor(table, chain, program) {
    this.from = table.from;
    this.to = table.to;
    this.path = table.path;
    this.other = table.other;
    this.equal = new Map(table.equal);
    this.prefix = new Map(table.prefix ?? []);
    /** Lengths of the beginnings, longest first. */
    this.lengths = [...new Set([...this.prefix.keys()].map((text) => text.length))].sort((a, b) => b - a);
    this.missed = 0;
    const run = program.steps.slice(table.from, table.to);
    /** Steps that would have asked for an absent value first, had they not been passed over. */
    this.passedOver = run.filter(({ number }) => !table.other.includes(number) && asksFirst(chain.steps[number]) === table.path);
  }

  /** The steps for a value that is not in `equal`. */
  rest(value) {
    if (typeof value === 'string') {
      for (const length of this.lengths) {
        const steps = this.prefix.get(value.slice(0, length));
        if (steps !== undefined) return steps;
      }
    } else if (value === undefined) {
      this.missed += 1;
    }
    return this.other;
  }

  /** How often there was no value since this was asked last. */
  takeAbsent() {
    const times = this.missed;
    this.missed = 0;
    return times;
  }
}

/** The path whose value a step asks for before all else, if that is the first thing its condition asks. */
function asksFirst({ when, op }) {
  const keep = contentOf(op, 'keep');
  const guard = when ?? (keep && { not: keep });
  const first = guard ? entry(guard, true, false) : true;
  return typeof first === 'boolean' ? undefined : asked(first);
}

/** The first test of a condition; `yes` or `no`, what stands behind it, when there is none. */
function entry(cond, yes, no) {
  const [kind, body] = variant(cond);
  switch (kind) {
    case 'const': return body ? yes : no;
    case 'not': return entry(body, no, yes);
    case 'and': return body.reduceRight((next, part) => entry(part, next, no), yes);
    case 'or': return body.reduceRight((next, part) => entry(part, yes, next), no);
    default: return cond;
  }
}

const literal = (operand, ...types) => types.includes(typeof contentOf(operand, 'lit'));

/** The path of a test of one value against constants. */
function asked(cond) {
  const [kind, body] = variant(cond);
  const path = (operand) => contentOf(operand, 'path');
  switch (kind) {
    case 'cmp': return askedByComparison(body);
    case 'in_range': return literal(body[1], 'number') && literal(body[2], 'number') ? path(body[0]) : undefined;
    case 'starts_with': case 'ends_with': return literal(body[1], 'string') ? path(body[0]) : undefined;
    case 'in_list': case 'matches': case 'is': return path(body[0]);
    case 'truth': return path(body);
    default: return undefined;
  }
}

function askedByComparison([op, a, b]) {
  const eq = nameOf(op) === 'eq';
  const path = contentOf(a, 'path');
  if (path !== undefined) return literal(b, 'number') || (eq && literal(b, 'string', 'boolean')) ? path : undefined;
  const arith = contentOf(a, 'arith');
  const rem = eq && arith !== undefined && nameOf(arith[0]) === 'rem' && literal(arith[2], 'number') && literal(b, 'number');
  return rem ? contentOf(arith[1], 'path') : undefined;
}

module.exports = { Table };
