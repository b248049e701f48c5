//! One message through one chain, step by step as they are written, without tables: the fallback and the oracle of generated
//! code, and what goes on with messages that left their chain on the way.
'use strict';

const { STOP } = require('./step');

const delivered = (to, msg, changed) => ({ kind: 'deliver', to, msg, changed });
const stopped = (router, reason, asError, msg, changed) => ({ kind: 'stop', router, reason, asError, msg, changed });

/** A chain ready to run: its steps, and counts for steps that see all messages, which are not touched step by step. */
class Program {
  /** @param {Step[]} steps */
  constructor(number, steps) {
    this.number = number;
    this.steps = steps;
    const zeros = () => new Array(steps.length).fill(0);
    /** By step: messages that came into the chain before it, and that left the chain at it. */
    this.entered = steps.some((step) => step.seesAll) ? zeros() : undefined;
    this.ended = this.entered && zeros();
  }

  enter(at) {
    if (this.entered !== undefined && at < this.steps.length) this.entered[at] += 1;
  }

  /** Brings what was counted by chain into the states of the routers. */
  settle() {
    if (this.entered === undefined) return;
    let there = 0;
    this.steps.forEach((step, i) => {
      there += this.entered[i];
      if (step.seesAll) step.state.seen += there;
      there -= this.ended[i];
    });
    this.entered.fill(0);
    this.ended.fill(0);
  }

  /** Counts and tells how the message left the chain at a step. */
  leave(step, end, msg, changed, redirect) {
    const { router, state } = step;
    if (this.ended !== undefined) this.ended[step.number] += 1;
    const position = (at) => ({ chain: this.number, step: at, redirect });
    switch (end.kind) {
      case 'stop':
        state.stopped += 1;
        return stopped(router, end.reason, end.asError, msg, changed);
      case 'remote':
        state.remote += 1;
        return { kind: 'remote', router, at: position(step.number + 1), remote: end.remote, key: end.key, msg, changed };
      default: {
        const { why, until, max, pass } = end;
        if (why !== 'sink') state.held += 1;
        const at = position(why === 'sink' ? step.number : step.number + 1);
        return { kind: 'hold', router, at, why, until, max, pass, msg, changed };
      }
    }
  }

  /** Runs a message from a step on, which an earlier step may have redirected. `null`: it arrives as it is. */
  run(msg, host, wire, at, redirect) {
    this.enter(at);
    const going = { msg, original: msg, redirect };
    for (let i = at; i < this.steps.length; i += 1) {
      const end = pass(this.steps[i], going, host, wire);
      if (end !== undefined) return this.leave(this.steps[i], end, going.msg, going.msg !== msg, going.redirect);
    }
    return arrived(going);
  }

  /** Runs the one step at a position. */
  step(msg, host, wire, at, redirect) {
    const going = { msg, original: msg, redirect };
    const step = this.steps[at];
    if (step === undefined) return arrived(going);
    this.enter(at);
    const end = pass(step, going, host, wire);
    const changed = going.msg !== msg;
    if (end !== undefined) return this.leave(step, end, going.msg, changed, going.redirect);
    if (at + 1 === this.steps.length) return arrived(going);
    if (this.ended !== undefined) this.ended[at] += 1;
    return { kind: 'next', at: { chain: this.number, step: at + 1, redirect: going.redirect }, msg: going.msg, changed };
  }
}

function arrived({ msg, original, redirect }) {
  const changed = msg !== original;
  return changed || redirect !== undefined ? delivered(redirect, msg, changed) : null;
}

/** Runs one step on a message; how it ended there, or `undefined` when it goes on. */
function pass(step, going, host, wire) {
  if (step.when !== null && !step.when(going.msg, host)) return undefined;
  if (!step.seesAll) step.state.seen += 1;
  switch (step.kind) {
    case 'keep':
      return step.keeps(going.msg, host) ? undefined : STOP;
    case 'set':
      going.msg = step.set(going.msg, host, false);
      return undefined;
    case 'redirect':
      going.redirect = step.to;
      return undefined;
    case 'call': {
      const { msg, end } = step.call(going.msg, host, wire);
      going.msg = msg;
      return end;
    }
    default:
      return step.act(going.msg, host, wire);
  }
}

module.exports = { Program, delivered, stopped };
