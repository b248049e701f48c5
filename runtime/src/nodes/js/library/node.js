// A function node: its code, its timers, and what it sends (Node-RED's 10-function.js).
(function (host, lib) {
  'use strict';
  const { Buffer } = lib;

  // What is wrong, for `catch` nodes: the text, and what an Error has besides.
  function failure(fault, code) {
    const details = {};
    let text;
    // Here `stack` is a getter of all errors, in Node.js each has its own.
    if (fault !== null && typeof fault === 'object' && 'stack' in fault) {
      if (code && fault.name === 'ReferenceError') {
        const at = /function:(\d+):(\d+)/.exec(fault.stack || '');
        fault.message = 'ReferenceError: ' + fault.message + (at ? ' (line ' + (at[1] - 1) + ', col ' + at[2] + ')' : '');
      }
      text = String(fault);
      details.stack = text + '\n' + String(fault.stack).trimEnd();
      if ('code' in fault) details.code = fault.code;
      if (fault.cause !== undefined) details.cause = fault.cause;
    } else if (code && typeof fault !== 'string') text = JSON.stringify(fault);
    else text = fault === undefined || fault === null ? '' : String(fault);
    return { message: text === undefined ? 'undefined' : text, details };
  }

  const isMessage = (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && !Buffer.isBuffer(v);
  function typeName(v) {
    if (typeof v !== 'object') return typeof v;
    return Buffer.isBuffer(v) ? 'Buffer' : Array.isArray(v) ? 'Array' : 'Date';
  }

  lib.makeNode = (me, info, code, flags) => {
    const fail = (fault, msg) => { const { message, details } = failure(fault, false); host.fail(me, message, details, msg); };
    // Sends what a function returned or gave to `node.send`.
    function emit(id, msgs, copyFirst) {
      if (msgs === null || msgs === undefined) return;
      if (isMessage(msgs)) {
        if (!copyFirst) msgs._msgid = id;
        return host.send(me, 0, msgs, id);
      }
      if (!Array.isArray(msgs)) msgs = [msgs];
      let first = copyFirst;
      for (let port = 0; port < msgs.length; port++) {
        let list = msgs[port];
        if (!list) continue;
        if (!Array.isArray(list)) list = [list];
        const fit = [];
        for (const msg of list) {
          if (msg === null || msg === undefined) continue;
          if (!isMessage(msg)) {
            host.fail(me, 'Function tried to send a message of type ' + typeName(msg), {}, undefined);
          } else {
            // What is sent is a copy in any case; the identity is written on all but the first.
            if (!first) msg._msgid = id;
            first = false;
            fit.push(msg);
          }
        }
        if (fit.length) host.send(me, port, fit, id);
      }
    }

    const timers = new Map(), closers = [], waiting = [];
    let clearStatus = false;
    const log = (level) => (text) => host.log(me, level, lib.shown(text));
    const base = {
      id: info.id, name: info.name, path: info.path, outputCount: info.outputs,
      log: log('info'), warn: log('warn'), debug: log('debug'), trace: log('trace'),
      error(text, msg) {
        const { message, details } = failure(typeof text === 'boolean' ? text : text || '', false);
        host.fail(me, message, details, msg !== null && typeof msg === 'object' ? msg : undefined);
      },
      on(event, callback) {
        if (event === 'input') throw new Error("Cannot add listener to 'input' event within Function");
        if (event === 'close') closers.push(callback);
      },
      status(s) {
        clearStatus = true;
        host.status(me, typeof s === 'object' && s !== null ? s : { text: '' + s });
      },
    };

    const contexts = { flow: lib.store(me, 1), global: lib.store(me, 2) };
    const context = Object.assign(lib.store(me, 0), contexts);
    class Timeout {
      constructor(token) { this.token = token; }
      ref() { return this; }
      unref() { return this; }
      hasRef() { return timers.has(this.token); }
      refresh() { const t = timers.get(this.token); if (t) host.timer(me, this.token, t.ms); return this; }
      close() { clear(this); return this; }
      [Symbol.toPrimitive]() { return this.token; }
    }
    let next = 0;
    const start = (repeat) => (callback, ms, ...args) => {
      if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function. Received ' + (callback === undefined ? 'undefined' : typeof callback));
      const token = ++next;
      ms = Number(ms);
      ms = ms >= 1 && ms <= 2147483647 ? Math.trunc(ms) : 1;
      timers.set(token, { callback, args, ms, repeat });
      host.timer(me, token, ms);
      return new Timeout(token);
    };
    const clear = (timer) => {
      if (timer === undefined || timer === null) return;
      const token = typeof timer === 'object' ? timer.token : Number(timer);
      if (timers.delete(token)) host.cancel(me, token);
    };
    const setTimeout = start(false), setInterval = start(true);
    setTimeout[lib.util.promisify.custom] = (after, value) => new Promise((resolve) => setTimeout(() => resolve(value), after));

    // What the code can name besides its parameters.
    const sandbox = {
      console: lib.console, util: lib.util, Buffer, URL: lib.URL, URLSearchParams: lib.URLSearchParams, Date,
      RED: lib.red(me, contexts), context, flow: contexts.flow, global: contexts.global,
      env: { get: (name) => host.env(me, String(name)) },
      setTimeout, setInterval, clearTimeout: clear, clearInterval: clear, promisify: lib.util.promisify,
      setImmediate: (f, ...args) => setTimeout(f, 1, ...args), clearImmediate: clear,
      TextEncoder: lib.TextEncoder, TextDecoder: lib.TextDecoder, structuredClone: lib.structuredClone, atob: lib.atob, btoa: lib.btoa,
    };

    let ready = true, broken = false;
    const finish = (token, id, result) => {
      emit(id, result, false);
      if (!flags.manualDone) host.done(me, token);
    };
    const failed = (token, msg, fault) => {
      const { message, details } = failure(fault, true);
      host.failed(me, token, message, details, msg);
    };
    function receive(token, msg) {
      if (!ready) return void waiting.push([token, msg]);
      if (broken) return;
      const id = msg._msgid;
      let node = base;
      if (flags.usesNode) {
        node = Object.create(base);
        node.send = (msgs, copy) => emit(id, msgs, copy !== false);
        node.done = (fault) => (fault ? failed(token, msg, fault) : host.done(me, token));
      }
      let result;
      try {
        result = code.main(msg, node);
      } catch (fault) { return failed(token, msg, fault); }
      if (result !== null && typeof result === 'object' && typeof result.then === 'function') {
        result.then((late) => finish(token, msg._msgid, late)).catch((fault) => failed(token, msg, fault));
      } else {
        try { finish(token, msg._msgid, result); } catch (fault) { failed(token, msg, fault); }
      }
    }
    const flush = () => { ready = true; for (const [token, msg] of waiting.splice(0)) receive(token, msg); };
    return {
      sandbox, receive,
      setCode(parts) { code = parts; },
      start() {
        if (!code.initialize) return;
        ready = false;
        const node = Object.assign(Object.create(base), { send: (msgs, copy) => emit(host.newId(), msgs, copy !== false) });
        Promise.resolve(code.initialize(node)).then(flush, (fault) => {
          [ready, broken] = [true, true];
          host.dropped(me, waiting.splice(0).length);
          fail(fault, undefined);
        });
      },
      timer(token) {
        const timer = timers.get(token);
        if (!timer) return;
        if (timer.repeat) host.timer(me, token, timer.ms); else timers.delete(token);
        try { timer.callback.apply(base, timer.args); } catch (fault) { fail(fault, {}); }
      },
      close() {
        const attempt = (work) => { try { work(); } catch (fault) { fail(fault, undefined); } };
        if (code.finalize) {
          const node = Object.assign(Object.create(base), { send: () => host.fail(me, 'Cannot send from close function', {}, undefined) });
          attempt(() => code.finalize(node));
        }
        closers.forEach((callback) => attempt(() => callback(callback.length === 2 ? false : () => {}, () => {})));
        for (const token of timers.keys()) host.cancel(me, token);
        timers.clear();
        if (clearStatus) host.status(me, {});
      },
    };
  };
})
