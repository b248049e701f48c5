//! Router modules of the user's own, for `call`: `open(runtime)`, `send(source, destination, msg, next, halt)`, `close(runtime)`.
'use strict';

const path = require('node:path');

/** The type of Node-RED plugins that offer a module under their id. */
const PLUGIN_TYPE = 'route-router';

class Modules {
  /**
   * @param {object} options `given`: modules by name (an object, a class, a function that makes one, or the path of a file that
   *   exports one); `base`: where relative paths start; `plugins`: `RED.plugins`; `log(level, text)`
   */
  constructor({ given = {}, base, plugins, log }) {
    this.given = given;
    this.base = base;
    this.plugins = plugins;
    this.log = log;
  }

  names() {
    const offered = this.plugins?.getByType?.(PLUGIN_TYPE) ?? [];
    return [...new Set([...Object.keys(this.given), ...offered.map((plugin) => plugin.id)])];
  }

  /**
   * Makes and opens an instance for one router of one stack.
   * @param {{plugin: string, options: any}} call
   * @param {{name: string, layer: string}} router
   * @returns {Module}
   * @throws {Error} there is no such module, or it does not open
   */
  open(call, router) {
    const made = make(this.find(call.plugin), call.plugin);
    const runtime = {
      router: router.name,
      layer: router.layer,
      options: call.options ?? {},
      log: (text) => this.log('info', `router ${router.name}: ${text}`),
    };
    if (typeof made.send !== 'function') throw new Error(`the router module \`${call.plugin}\` has no function \`send\``);
    made.open?.(runtime);
    return new Module(made, runtime);
  }

  find(name) {
    const known = Object.hasOwn(this.given, name) ? this.given[name] : undefined;
    if (typeof known === 'string') {
      const file = path.resolve(this.base, known);
      const loaded = require(file);
      return loaded?.default ?? loaded;
    }
    const found = known ?? (this.plugins?.getByType?.(PLUGIN_TYPE) ?? []).find((plugin) => plugin.id === name);
    if (found === undefined) {
      const names = this.names().map((one) => `\`${one}\``).join(', ') || 'none';
      throw new Error(`no router module is called \`${name}\`; there are ${names} (settings.js: \`route: { modules: { … } }\`)`);
    }
    return found;
  }
}

/** A class is made, a function makes one, an object is the module itself, with a state of its own for each router. */
function make(found, name) {
  if (typeof found === 'function') {
    return /^class\b/.test(Function.prototype.toString.call(found)) ? new found() : found();
  }
  if (found === null || typeof found !== 'object') throw new Error(`the router module \`${name}\` is no object, class or function`);
  return Object.create(found);
}

/** An open module. */
class Module {
  constructor(made, runtime) {
    this.made = made;
    this.runtime = runtime;
  }

  /**
   * One message on its way. The module must answer before `send` returns, as the wire's order depends on it.
   * @returns {{pass: object}|{stop: string}|{fault: string}}
   */
  send(source, destination, msg) {
    let answer;
    const first = (said) => {
      if (answer !== undefined) this.runtime.log('a second answer to one message is ignored');
      else answer = said;
    };
    try {
      const next = (changed) => first({ pass: changed === undefined ? msg : changed });
      const returned = this.made.send(source, destination, msg, next, (reason) => first({ stop: reason === undefined ? '' : String(reason) }));
      // A rejection that nobody takes would end Node-RED.
      if (typeof returned?.then === 'function') returned.then(undefined, (error) => this.runtime.log(`failed later: ${error?.message ?? error}`));
    } catch (error) {
      answer ??= { fault: error?.message ?? String(error) };
    }
    if (answer === undefined) return { fault: 'it called neither `next` nor `halt` before `send` returned' };
    if (answer.pass !== undefined && (answer.pass === null || typeof answer.pass !== 'object')) return { fault: 'it passed on what is no message' };
    return answer;
  }

  close() {
    try {
      this.made.close?.(this.runtime);
    } catch (error) {
      this.runtime.log(`cannot close: ${error?.message ?? error}`);
    }
  }
}

module.exports = { Modules, PLUGIN_TYPE };
