// `RED.util` (Node-RED's @node-red/util), and how values are told apart when messages come back.
(function (host, lib) {
  'use strict';
  const { Buffer } = lib;
  const own = (o, k) => Object.prototype.hasOwnProperty.call(o, k);
  const OPAQUE = Symbol('handle');
  // A prototype of their own tells handles from plain objects, which are read without a question.
  const HANDLE = Object.create(Object.prototype);
  // A live handle, such as `msg.res`: `take` hands what it holds to the engine.
  lib.opaque = (take, label) => Object.freeze(Object.create(HANDLE, { [OPAQUE]: { value: { take, label } } }));
  lib.isOpaque = (v) => v !== null && typeof v === 'object' && own(v, OPAQUE);
  // What an object is that is no plain one: 0 an object like any other.
  lib.kind = (v) => {
    if (own(v, OPAQUE)) { v[OPAQUE].take(); return 4; }
    switch (Object.prototype.toString.call(v)) {
      case '[object Date]': return 1;
      case '[object Error]': return 2;
      case '[object Uint8Array]': case '[object Uint8ClampedArray]': return 3;
      case '[object Number]': case '[object String]': case '[object Boolean]': return 5;
      default:
        if (ArrayBuffer.isView(v) && v.length !== undefined) return 6;
        return v instanceof Error ? 2 : 0;
    }
  };
  lib.date = (ms) => new Date(ms);

  function clone(value, seen) {
    if (value === null || typeof value !== 'object' || own(value, OPAQUE)) return value;
    if (seen.has(value)) return seen.get(value);
    switch (Object.prototype.toString.call(value)) {
      case '[object Date]': return new Date(value.getTime());
      case '[object RegExp]': return new RegExp(value.source, value.flags);
      case '[object Map]': {
        const copy = new Map();
        seen.set(value, copy);
        value.forEach((v, k) => copy.set(clone(k, seen), clone(v, seen)));
        return copy;
      }
      case '[object Set]': {
        const copy = new Set();
        seen.set(value, copy);
        value.forEach((v) => copy.add(clone(v, seen)));
        return copy;
      }
      case '[object Error]': return value;
    }
    if (Buffer.isBuffer(value)) return Buffer.from(value);
    if (ArrayBuffer.isView(value)) return value.slice ? value.slice() : value;
    const copy = Array.isArray(value) ? new Array(value.length) : Object.create(Object.getPrototypeOf(value));
    seen.set(value, copy);
    for (const key of Object.keys(value)) {
      // A getter here is a value that has not been looked at yet: the copy shares it.
      const found = Object.getOwnPropertyDescriptor(value, key);
      if (found.get) Object.defineProperty(copy, key, found);
      else copy[key] = clone(found.value, seen);
    }
    return copy;
  }
  const cloneMessage = (msg) => clone(msg, new Map());
  lib.structuredClone = cloneMessage;

  const invalid = (text) => Object.assign(new Error(text), { code: 'INVALID_EXPR' });
  // The steps of a property expression; a nested one is read from `msg`.
  function steps(expression, msg) {
    const path = host.path(String(expression));
    if (typeof path === 'string') throw invalid(path);
    return msg ? path.map((step) => (Array.isArray(step) ? nested(step, msg) : step)) : path;
  }
  function nested(step, msg) {
    const found = step.reduce((at, key) => (at === undefined || at === null ? undefined : at[Array.isArray(key) ? nested(key, msg) : key]), msg);
    if (found === undefined) throw invalid('Invalid expression: undefined reference');
    return found;
  }
  function normalisePropertyExpression(expression, msg, toString) {
    const withMsg = (path) => path.map((step) => (Array.isArray(step) ? ['msg'].concat(withMsg(step)) : step));
    const path = msg ? steps(expression, msg) : withMsg(steps(expression));
    if (!toString) return path;
    return path.slice(1).reduce((text, p) => text + '[' + (typeof p === 'string' ? (/"/.test(p) ? "'" + p + "'" : '"' + p + '"') : p) + ']', path[0]);
  }
  const getObjectProperty = (root, expression) => steps(expression, root).reduce((at, key) => (typeof at[key] !== 'undefined' ? at[key] : undefined), root);
  function setObjectProperty(root, expression, value, createMissing) {
    return setSteps(root, steps(expression, root), value, createMissing === undefined ? value !== undefined : createMissing);
  }
  function setSteps(root, path, value, createMissing) {
    let at = root;
    for (let i = 0; i < path.length - 1; i++) {
      const key = path[i];
      const index = typeof key === 'number' && Array.isArray(at);
      if (index ? at[key] !== undefined : own(at, key)) {
        if (!index && ((typeof at[key] !== 'object' && typeof at[key] !== 'function') || at[key] === null)) return false;
      } else if (createMissing) at[key] = typeof path[i + 1] === 'string' ? {} : [];
      else return false;
      at = at[key];
    }
    const last = path[path.length - 1];
    if (value === undefined) {
      if (typeof last === 'number' && Array.isArray(at)) at.splice(last, 1); else delete at[last];
    } else if (typeof at === 'object' && at !== null) at[last] = value;
    else return false;
    return true;
  }
  lib.setSteps = setSteps;
  const plainMsg = (expression) => (expression.indexOf('msg.') === 0 ? expression.substring(4) : expression);

  function compareObjects(a, b) {
    if (a === b) return true;
    if (a === null || a === undefined || b === null || b === undefined) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    if (Array.isArray(a)) return a.length === b.length && a.every((v, i) => compareObjects(v, b[i]));
    if (Buffer.isBuffer(a) !== Buffer.isBuffer(b)) return false;
    if (Buffer.isBuffer(a)) return a.equals(b);
    if (typeof a !== 'object' || typeof b !== 'object') return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((k) => compareObjects(a[k], b[k]));
  }
  const ensureString = (v) => (Buffer.isBuffer(v) ? v.toString() : typeof v === 'object' ? JSON.stringify(v) : typeof v === 'string' ? v : '' + v);
  const parseContextStore = (key) => {
    const found = /^#:\((\S+?)\)::(.*)$/.exec(key);
    return found ? { store: found[1], key: found[2] } : { key };
  };

  // `RED` as one function node sees it: its own environment and contexts.
  lib.red = (me, contexts) => {
    const getSetting = (node, name) => host.env(me, String(name));
    function evaluateNodeProperty(value, type, node, msg, callback) {
      let result = value;
      try {
        if (type === 'str') result = '' + value;
        else if (type === 'num') result = Number(value);
        else if (type === 'json') result = JSON.parse(value);
        else if (type === 're') result = new RegExp(value);
        else if (type === 'date') result = host.now(value === undefined || value === null ? '' : String(value));
        else if (type === 'bin') {
          const data = JSON.parse(value);
          if (!Array.isArray(data) && typeof data !== 'string') throw Object.assign(new Error('Not string or array'), { code: 'INVALID_BUFFER_DATA' });
          result = Buffer.from(data);
        } else if (type === 'msg' && msg) result = util.getMessageProperty(msg, value);
        else if (type === 'flow' || type === 'global') {
          const { store, key } = parseContextStore(value);
          return contexts[type].get(/\[msg/.test(key) ? normalisePropertyExpression(key, msg, true) : key, store, callback);
        } else if (type === 'bool') result = /^true$/i.test(value);
        else if (type === 'jsonata') return evaluateJSONataExpression(prepareJSONataExpression(value, node), msg, callback);
        else if (type === 'env') result = host.evaluateEnv(me, String(value));
      } catch (fault) {
        if (!callback || type !== 'msg') throw fault;
        return callback(fault);
      }
      if (!callback) return result;
      callback(null, result);
    }
    function prepareJSONataExpression(source) {
      host.jsonataCheck(String(source));
      const variables = {};
      return { source: String(source), variables, assign(name, value) { variables[name] = value; },
        registerFunction() { throw new Error('functions cannot be added to JSONata expressions here'); },
        evaluate(input, bindings, callback) {
          const result = host.jsonata(me, this.source, input, Object.assign({}, variables, bindings));
          if (typeof callback === 'function') return callback(null, result);
          return Promise.resolve(result);
        } };
    }
    function evaluateJSONataExpression(expression, msg, callback) {
      if (!callback) throw new Error('Calls to RED.util.evaluateJSONataExpression must include a callback.');
      let result;
      try { result = host.jsonata(me, expression.source, msg, expression.variables); } catch (fault) { return callback(fault); }
      callback(null, result);
    }
    const util = {
      cloneMessage, compareObjects, ensureString, getObjectProperty, setObjectProperty, normalisePropertyExpression, parseContextStore,
      evaluateNodeProperty, prepareJSONataExpression, evaluateJSONataExpression, getSetting,
      ensureBuffer: (v) => (Buffer.isBuffer(v) ? v : Buffer.from(ensureString(v))),
      generateId: () => host.newId(),
      getMessageProperty: (msg, expression) => getObjectProperty(msg, plainMsg(expression)),
      setMessageProperty: (msg, expression, value, createMissing) => setObjectProperty(msg, plainMsg(expression), value, createMissing),
      evaluateEnvProperty: (value) => host.evaluateEnv(me, String(value)),
      normaliseNodeTypeName: (name) => name.replace(/[^a-zA-Z0-9]/g, ' ').trim().replace(/ +/g, ' ').replace(/ ./g, (s) => s.charAt(1).toUpperCase()).replace(/^./, (c) => c.toLowerCase()),
    };
    return { util };
  };

  // Context stores as `context`, `flow` and `global` show them.
  lib.store = (me, scope) => {
    const valid = (key) => {
      const keys = Array.isArray(key) ? key : [key];
      return keys.length > 0 && keys.every((k) => typeof k === 'string' && k.length > 0);
    };
    const args = (storage, callback) => {
      const found = callback === undefined && typeof storage === 'function' ? storage : callback;
      if (found && typeof found !== 'function') throw new Error('Callback must be a function');
      return found;
    };
    const run = (callback, work, spread) => {
      if (!callback) return work();
      let result;
      try { result = work(); } catch (fault) { callback(fault); return; }
      if (spread && Array.isArray(result)) callback(undefined, ...result); else callback(undefined, result);
    };
    const key = (k) => parseContextStore(k).key;
    const one = (name) => host.contextGet(me, scope, key(name));
    return {
      get(name, storage, callback) {
        callback = args(storage, callback);
        return run(callback, () => {
          if (!valid(name)) throw new Error('Invalid context key');
          return Array.isArray(name) ? name.map(one) : one(name);
        }, Array.isArray(name));
      },
      set(name, value, storage, callback) {
        callback = args(storage, callback);
        run(callback, () => {
          if (!valid(name)) throw new Error('Invalid context key');
          const names = Array.isArray(name) ? name : [name];
          const values = Array.isArray(name) ? (Array.isArray(value) ? value : [value]) : [value];
          names.forEach((n, i) => host.contextSet(me, scope, key(n), i < values.length ? values[i] : null));
        });
      },
      keys(storage, callback) {
        callback = args(storage, callback);
        if (!callback) return host.contextKeys(me, scope);
        callback(null, host.contextKeys(me, scope));
      },
    };
  };
})
