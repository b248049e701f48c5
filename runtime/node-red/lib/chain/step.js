//! Steps as closures: what each kind of router does to a message. Generated code calls these for all but the simplest.
'use strict';

const { assign, remove, selector } = require('./change');
const { isObject } = require('./values');
const { Bucket } = require('./state');
const { jsonText, keyOf } = require('./text');
const { nameOf, variant } = require('./variant');

/** How a step ends the way of a message for no reason of its own. */
const STOP = Object.freeze({ kind: 'stop', reason: undefined, asError: false });

/**
 * One router on one chain.
 *
 * - `when`: `(msg, host) => boolean`, or `null` for always.
 * - `kind`: of the operation.
 * - `act`: `(msg, host, wire) => end`, for all kinds but `keep`, `set`, `redirect`, `call`; `undefined`: the message goes on.
 * - `closures`: makes closures for its conditions.
 * - `seesAll`: a `keep` without `when`, which has seen every message that came to it.
 */
class Step {
  constructor(number, step, state, closures, paths) {
    const [kind, body] = variant(step.op);
    this.number = number;
    this.router = step.router;
    this.state = state;
    this.kind = kind;
    this.when = step.when ? closures.cond(step.when) : null;
    this.closures = closures;
    this.seesAll = kind === 'keep' && this.when === null;
    this.act = undefined;
    this[`make_${kind}`](body, closures, paths);
  }

  make_keep(cond, closures) {
    this.keeps = closures.cond(cond);
  }

  make_halt({ reason, as_error: asError }) {
    const end = Object.freeze({ kind: 'stop', reason: reason ?? undefined, asError });
    this.act = () => end;
  }

  make_redirect({ to }) {
    this.to = to;
  }

  make_set(changes, closures, paths) {
    const made = changes.map((change) => {
      const [kind, body] = variant(change);
      if (kind === 'delete') return (m) => remove(m, paths[body]);
      const [path, read] = [paths[body[0]], closures.operand(body[1])];
      return (m, h, owned) => {
        const value = read(m, h);
        return value === undefined ? undefined : assign(m, owned, path, value);
      };
    });
    /** The message after all changes; `owned`: its root belongs to this run. */
    this.set = (msg, h, owned) => {
      let m = msg;
      for (const change of made) m = change(m, h, owned || m !== msg) ?? m;
      return m;
    };
  }

  make_limit(limit, closures) {
    const { rate, distinct } = limit;
    const { state } = this;
    const most = limit.max_keys;
    const by = distinct ? closures.operand(distinct.by) : undefined;
    const per = limit.per ? closures.operand(limit.per) : undefined;
    const within = distinct ? distinct.within_ms : 0;
    const hold = variant(limit.over)[1]?.max;
    const never = () => ({ at: -Infinity });
    this.act = (m, h) => {
      const now = h.now();
      if (by !== undefined) {
        const last = state.lastSeen.entry(keyOf(by(m, h)), most, never);
        if (now - last.at < within) return STOP;
        last.at = now;
      }
      if (!rate) return undefined;
      const begin = () => ({ bucket: new Bucket(rate, now), release: -Infinity });
      const rated = state.rates.entry(per === undefined ? 'all' : keyOf(per(m, h)), most, begin);
      return hold === undefined ? over(rated, rate, now) : wait(rated, rate, now, hold);
    };
  }

  make_tap(tap, closures, paths) {
    const { router, state } = this;
    const [name, picked] = variant(tap.select);
    const select = selector(name, (picked ?? []).map((path) => paths[path]));
    const { at_most: rate } = tap;
    this.act = (m, h, wire) => {
      state.matched += 1;
      if (state.matched % tap.every !== 0) return undefined;
      if (rate) {
        const now = h.now();
        state.tapBucket ??= new Bucket(rate, now);
        if (!state.tapBucket.take(rate, now)) return undefined;
      }
      const result = h.tap(router, tap, wire, () => select(m));
      if (result === 'dropped') state.dropped += 1;
      if (result !== 'full') return undefined;
      // The same message comes again: it must not count twice.
      state.seen -= 1;
      state.matched -= 1;
      if (state.tapBucket !== undefined) state.tapBucket.tokens += 1;
      return { kind: 'hold', why: 'sink', until: Infinity, max: undefined, pass: undefined };
    };
  }

  make_break(brk, closures) {
    const { router, state } = this;
    const parts = brk.log ? brk.log.map((part) => logPart(part, closures)) : undefined;
    this.act = (m, h) => {
      state.matched += 1;
      if (state.matched < brk.hits) return undefined;
      if (parts !== undefined) {
        h.log(router, parts.map((part) => part(m, h)).join(''));
        return undefined;
      }
      return { kind: 'hold', why: 'break', until: h.now() + brk.for_ms, max: brk.max, pass: brk.then_pass };
    };
  }

  make_remote(remote, closures) {
    const [choose, by] = variant(remote.choose);
    const key = choose === 'hash' ? closures.operand(by) : undefined;
    this.act = (m, h) => ({ kind: 'remote', remote, key: key === undefined ? undefined : key(m, h) ?? null });
  }

  make_call(call) {
    const { router } = this;
    const fault = nameOf(call.on_fault);
    /** The message after it, and how it ended there, if it did. */
    this.call = (m, h, wire) => {
      const said = called(m, h, router, call, wire);
      const msg = isObject(said.msg) ? said.msg : m;
      if (said.kind === 'stop') return { msg, end: { kind: 'stop', reason: said.reason, asError: false } };
      if (said.kind !== 'fault' || fault === 'pass') return { msg, end: undefined };
      return { msg, end: { kind: 'stop', reason: said.text, asError: fault === 'error' } };
    };
  }
}

const PASSED = { kind: 'pass', msg: undefined };

function called(m, h, router, call, wire) {
  try {
    return h.call(router, call, wire, m) ?? PASSED;
  } catch (error) {
    return { kind: 'fault', msg: m, text: String(error?.message ?? error) };
  }
}

const over = (rated, rate, now) => (rated.bucket.take(rate, now) ? undefined : STOP);

/** Those held keep their order: nobody passes while one that came before still waits. */
function wait(rated, rate, now, max) {
  if (rated.release <= now && rated.bucket.take(rate, now)) return undefined;
  const interval = rate.per_ms / rate.count;
  const until = Math.max(rated.release, now) + interval;
  if (Math.ceil((until - now) / interval) > max) return STOP;
  rated.bucket.tokens = 0;
  rated.bucket.at = until;
  rated.release = until;
  return { kind: 'hold', why: 'limit', until, max, pass: undefined };
}

function logPart(part, closures) {
  const [kind, body] = variant(part);
  if (kind === 'text') return () => body;
  const read = closures.operand(body);
  return (m, h) => {
    const value = read(m, h);
    if (value === undefined) return 'absent';
    return typeof value === 'string' ? value : jsonText(value) ?? 'too large';
  };
}

module.exports = { STOP, Step };
