//! Timers for times that are further away than Node.js lets a timer wait.
'use strict';

/** Milliseconds; a longer timer would go off at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls once, at a time or as soon as possible after it.
 * @param {number} at milliseconds since 1970
 * @param {() => number} now
 * @param {() => void} call
 * @param {{holdsProcess?: boolean}} [options] whether the process stays for it
 * @returns {() => void} stops it
 */
function callAt(at, now, call, { holdsProcess = true } = {}) {
  let timer;
  const arm = () => {
    const wait = Math.max(0, at - now());
    timer = setTimeout(wait > LONGEST ? arm : call, Math.min(wait, LONGEST));
    if (!holdsProcess) timer.unref();
  };
  arm();
  return () => clearTimeout(timer);
}

module.exports = { callAt };
