// URL and URLSearchParams (the WHATWG URL standard). `host.url` parses; it is the same parser that sends requests.
(function (host, lib) {
  'use strict';
  const escape = (text) => encodeURIComponent(text).replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()).replace(/%20/g, '+');
  const unescape = (text) => {
    const plain = text.replace(/\+/g, ' ');
    try { return decodeURIComponent(plain); } catch (e) { return plain; }
  };
  class URLSearchParams {
    #list = [];
    #changed;
    constructor(init, changed) {
      this.#changed = changed;
      if (init === undefined || init === null) return;
      if (typeof init === 'object' && typeof init[Symbol.iterator] === 'function') for (const [k, v] of init) this.#list.push([String(k), String(v)]);
      else if (typeof init === 'object') for (const k of Object.keys(init)) this.#list.push([k, String(init[k])]);
      else this.#read(String(init));
    }
    #read(text) {
      for (const pair of text.replace(/^\?/, '').split('&')) {
        if (!pair) continue;
        const at = pair.indexOf('=');
        this.#list.push(at < 0 ? [unescape(pair), ''] : [unescape(pair.slice(0, at)), unescape(pair.slice(at + 1))]);
      }
    }
    #tell() { if (this.#changed) this.#changed(this.toString()); }
    append(k, v) { this.#list.push([String(k), String(v)]); this.#tell(); }
    delete(k, v) { this.#list = this.#list.filter((p) => p[0] !== String(k) || (v !== undefined && p[1] !== String(v))); this.#tell(); }
    get(k) { const found = this.#list.find((p) => p[0] === String(k)); return found ? found[1] : null; }
    getAll(k) { return this.#list.filter((p) => p[0] === String(k)).map((p) => p[1]); }
    has(k, v) { return this.#list.some((p) => p[0] === String(k) && (v === undefined || p[1] === String(v))); }
    set(k, v) {
      const at = this.#list.findIndex((p) => p[0] === String(k));
      if (at < 0) return this.append(k, v);
      this.#list = this.#list.filter((p, i) => i <= at || p[0] !== String(k));
      this.#list[at][1] = String(v);
      this.#tell();
    }
    sort() { this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)); this.#tell(); }
    forEach(f, self) { for (const [k, v] of this.#list) f.call(self, v, k, this); }
    get size() { return this.#list.length; }
    *entries() { for (const p of this.#list) yield [p[0], p[1]]; }
    *keys() { for (const p of this.#list) yield p[0]; }
    *values() { for (const p of this.#list) yield p[1]; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#list.map(([k, v]) => escape(k) + '=' + escape(v)).join('&'); }
  }
  class URL {
    #parts;
    #params;
    constructor(text, base) {
      const parts = host.url(String(text), base === undefined ? '' : String(base));
      if (!parts) {
        const fault = new TypeError('Invalid URL');
        fault.code = 'ERR_INVALID_URL';
        fault.input = String(text);
        throw fault;
      }
      this.#parts = parts;
    }
    static canParse(text, base) { return !!host.url(String(text), base === undefined ? '' : String(base)); }
    get href() { return this.#parts.href; }
    set href(text) { this.#parts = new URL(text).#parts; this.#params = undefined; }
    get origin() { return this.#parts.origin; }
    get searchParams() {
      if (!this.#params) this.#params = new URLSearchParams(this.#parts.search, (text) => { this.#parts = host.urlSet(this.#parts.href, 'search', text) || this.#parts; });
      return this.#params;
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
    static _set(url, name, value) {
      url.#parts = host.urlSet(url.#parts.href, name, String(value)) || url.#parts;
      if (name === 'search') url.#params = undefined;
    }
    static _get(url, name) { return url.#parts[name]; }
  }
  const { _set, _get } = URL;
  delete URL._set;
  delete URL._get;
  for (const name of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
    Object.defineProperty(URL.prototype, name, { enumerable: true, configurable: true, get() { return _get(this, name); }, set(value) { _set(this, name, value); } });
  }
  Object.assign(lib, { URL, URLSearchParams });
})
