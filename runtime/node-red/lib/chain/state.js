//! What routers keep between messages: counts, rates, keys seen. One state for each router of a line of stacks.
'use strict';

/** A token bucket. */
class Bucket {
  constructor(rate, now) {
    this.tokens = Math.max(rate.burst, 1);
    this.at = now;
  }

  take(rate, now) {
    const gained = (Math.max(now - this.at, 0) * rate.count) / rate.per_ms;
    // A nanosecond's worth of rounding must not cost a token that is due.
    this.tokens = Math.min(this.tokens + gained, Math.max(rate.burst, 1));
    this.at = now;
    const due = this.tokens >= 1 - 1e-9;
    if (due) this.tokens -= 1;
    return due;
  }
}

/** A bounded map that forgets the key used longest ago. */
class Keyed {
  constructor() {
    this.map = new Map();
  }

  /** The entry of a key, made when it is new. */
  entry(key, most, make) {
    let value = this.map.get(key);
    if (value === undefined) {
      while (this.map.size >= most) this.map.delete(this.map.keys().next().value);
      value = make();
    } else {
      this.map.delete(key);
    }
    this.map.set(key, value);
    return value;
  }
}

/** The state of one router. `passed` and `holds` follow from the other counts. */
class State {
  constructor(slot) {
    this.slot = slot;
    this.users = 0;
    this.seen = 0;
    this.stopped = 0;
    this.held = 0;
    this.released = 0;
    this.remote = 0;
    this.dropped = 0;
    this.absent = new Map();
    /** Messages that matched, for `every` and `hits`. */
    this.matched = 0;
    this.tapBucket = undefined;
    this.rates = new Keyed();
    this.lastSeen = new Keyed();
  }

  /** Counts as people see them. */
  view() {
    const holds = Math.max(this.held - this.released, 0);
    return {
      seen: this.seen,
      passed: Math.max(this.seen - this.stopped - holds - this.remote, 0),
      stopped: this.stopped,
      held: this.held,
      holds,
      remote: this.remote,
      dropped_copies: this.dropped,
      absent: Object.fromEntries([...this.absent].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}

/** What makes a router of one stack the same as one of another. */
const identityOf = ({ layer, name, kind }) => JSON.stringify([layer, name, kind]);

/** The states of all routers of a line of stacks. */
class States {
  constructor() {
    this.known = new Map();
    this.slots = 0;
  }

  /** Takes over the states of routers that are known and begins those of others. */
  bind(routers) {
    return routers.map((router) => {
      const key = identityOf(router);
      let state = this.known.get(key);
      if (state === undefined) {
        state = new State(this.slots);
        this.slots += 1;
        this.known.set(key, state);
      }
      state.users += 1;
      return state;
    });
  }

  /** Forgets the states that no stack uses any more. */
  unbind(routers) {
    for (const router of routers) {
      const key = identityOf(router);
      const state = this.known.get(key);
      if (state !== undefined) {
        state.users -= 1;
        if (state.users === 0) this.known.delete(key);
      }
    }
  }
}

/** A path as the language writes it: `msg.payload.beds[0]["soil pH"]`. */
const pathText = (path) => path.reduce((text, seg) => {
  if (typeof seg === 'number') return `${text}[${seg}]`;
  return /^[a-z_][a-z0-9_]*$/i.test(seg) ? `${text}.${seg}` : `${text}[${JSON.stringify(seg)}]`;
}, 'msg');

module.exports = { Bucket, States, identityOf, pathText };
