//! The control API (`runtime/CONTROL.md`) under Node-RED's admin API, at `/route/v1`, with Node-RED's own authentication.
'use strict';

const { FormatError, fromValue } = require('./format');
const { CompileError } = require('./recompile');
const { Refusal } = require('./refusal');
const { Mismatch } = require('./shape');
const { Filter } = require('./taps/streams');
const { whenOf } = require('./taps/when');
const { noSources } = require('./stack/ledger');

const READ = 'route.read';
const WRITE = 'route.write';
/** Largest stack taken, bytes. */
const MAX_BODY = 64 << 20;
/** Held messages that the editor lists. */
const MOST_LISTED = 100;

class Api {
  /** @param {object} plugin `red`, `stacks`, `router`, `taps`, `breakpoints`, `about`: what the status says of the plugin itself */
  constructor(plugin) {
    this.plugin = plugin;
    /** Routes cannot be taken out of Node-RED's admin API: after the end they answer as if they were not there. */
    this.isClosed = false;
  }

  /** Puts the routes in place. */
  serve() {
    const { stacks, router, breakpoints } = this.plugin;
    const by = (req) => text(req.query.by);
    this.route('get', '/status', READ, (req) => ({ ...this.plugin.about(), ...stacks.status({ wires: flag(req.query.wires), nodes: flag(req.query.nodes) }) }));
    this.route('get', '/flows', READ, () => stacks.needFlows().flows);
    this.route('get', '/stack', READ, (req, res) => {
      const standing = stacks.ledger.standing(stacks.now());
      res.set('ETag', `"${standing.tag}"`);
      return standing;
    });
    this.route('put', '/stack', WRITE, (req) => stacks.change({ ...wished(req.body), expected: expected(req) }));
    this.route('delete', '/overlays/:name', WRITE, (req) => stacks.removeOverlay({ name: req.params.name, by: by(req), expected: expected(req) }));
    this.route('get', '/history', READ, () => stacks.ledger.list());
    this.route('post', '/rollback', WRITE, (req) => stacks.rollback({ to: whole(req.query.to), by: by(req), expected: expected(req) }));
    this.route('get', '/held', READ, () => router.lines.holds.all().map((held) => held.view()));
    this.route('get', '/held/:id', READ, (req) => this.held(whole(req.params.id)).view());
    this.route('put', '/held/:id', WRITE, (req) => this.edit(whole(req.params.id), req.body));
    this.route('post', '/held/:id/:how', WRITE, (req) => this.release(whole(req.params.id), req.params.how));
    this.route('get', '/editor', READ, () => this.forEditor());
    this.route('post', '/breakpoints', WRITE, (req) => breakpoints.add(body(req.body), who(req)));
    this.route('delete', '/breakpoints/:name', WRITE, (req) => breakpoints.remove(req.params.name, who(req)));
    this.route('get', '/tap', READ, (req, res) => this.tap(queried(req.query), undefined, res));
    this.route('post', '/tap', READ, (req, res) => {
      const { filter = {}, when = null, ...more } = body(req.body);
      const [unknown] = Object.keys(more);
      if (unknown !== undefined) throw new Refusal(422, `this is no wish for copies: unknown field \`${unknown}\``);
      return this.tap(filter, when, res);
    });
  }

  /** What `handle` returns is the answer; `undefined`: an empty one; `STREAMS`: it goes on by itself. */
  route(method, path, permission, handle) {
    const { red } = this.plugin;
    red.httpAdmin[method](`/route/v1${path}`, red.auth.needsPermission(permission), async (req, res, next) => {
      if (this.isClosed) {
        next();
        return;
      }
      try {
        req.body = await readBody(req);
        const answer = await handle(req, res);
        if (answer === STREAMS) return;
        if (answer === undefined) res.status(204).end();
        else res.json(answer);
      } catch (error) {
        const what = CHANGES.find(([one, where]) => one === method && path.startsWith(where))?.[2];
        // What a click in the editor gets wrong, the editor says to whom it concerns.
        if (what && (what !== 'breakpoint' || error instanceof CompileError)) this.plugin.stacks.failed(what, text(req.body?.by) || text(req.query.by) || who(req), error);
        this.refuse(res, error);
      }
    });
  }

  /** Everything that the editor's sidebar shows, in one answer of bounded size. */
  forEditor() {
    const { about, stacks, router, breakpoints } = this.plugin;
    const { set, owner, by } = stacks.ledger.current;
    const listed = router.lines.holds.first(MOST_LISTED).map((held) => held.place());
    return { ...about(), ...stacks.status({ wires: true }), owner: owner ?? by, layers: layersOf(set), chains: chainsOf(set), listed, breakpoints: breakpoints.status(), trouble: stacks.trouble ?? null };
  }

  /** @throws {Refusal} */
  held(id) {
    const held = this.plugin.router.lines.holds.get(id);
    if (!held) throw noneHeld(id);
    return held;
  }

  refuse(res, error) {
    if (error instanceof Refusal) {
      res.status(error.status).json({ error: error.message, ...error.more });
      return;
    }
    if (error instanceof FormatError || error instanceof Mismatch) {
      res.status(422).json({ error: error.message });
      return;
    }
    if (error instanceof CompileError) {
      res.status(422).json({ error: error.message, diagnostics: error.diagnostics });
      return;
    }
    this.plugin.red.log.error(`[route] ${error.stack ?? error}`);
    res.status(500).json({ error: `the plugin failed: ${error.message}` });
  }

  edit(id, json) {
    const msg = body(json);
    if (!this.plugin.router.lines.edit(id, msg)) throw noneHeld(id);
  }

  release(id, how) {
    if (!['resume', 'drop', 'step'].includes(how)) throw new Refusal(404, `a held message has no \`${how}\``);
    const released = this.plugin.router.lines.release(id, how);
    if (released === 'none') throw noneHeld(id);
    if (released === 'waits') throw new Refusal(409, `message ${id} waits for room in a sink, or behind another message of its wire`);
  }

  /** NDJSON until the client leaves or the plugin ends. */
  tap(given, when, res) {
    let condition;
    const filter = new Filter(given);
    try {
      condition = when === null || when === undefined ? undefined : whenOf(fromValue(when));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new Refusal(422, `the condition cannot be used: ${error.message}`);
    }
    res.set('Content-Type', 'application/x-ndjson');
    res.set('Cache-Control', 'no-store');
    res.flushHeaders();
    this.plugin.taps.streams.subscribe(filter, condition, res);
    return STREAMS;
  }

  close() {
    this.isClosed = true;
  }
}

const STREAMS = Symbol('streams');

/** Requests whose failure people want to hear of, also those who did not make them. */
const CHANGES = [['put', '/stack', 'apply'], ['post', '/rollback', 'rollback'], ['delete', '/overlays', 'overlay'], ['post', '/breakpoints', 'breakpoint'], ['delete', '/breakpoints', 'breakpoint']];

/** Who asks, where Node-RED knows; without authentication everybody is the same. */
const who = (req) => req.user?.username ?? 'editor';

/** Layers in the order of the stack. */
const layersOf = (set) => [...new Set(set.routers.map((router) => router.layer))];

/** The routers on each wire that has some, by index, in the order of the stack. */
const chainsOf = (set) => set.wires.map(({ from, port, to, chain }) => [from, port, to, [...new Set(set.chains[chain].steps.map((step) => step.router))]]);

const text = (value) => (typeof value === 'string' ? value : '');
const flag = (value) => value === 'true';

function whole(value) {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw new Refusal(400, `\`${value}\` is no whole number`);
  return Number(value);
}

const noneHeld = (id) => new Refusal(404, `no message ${id} is held`);

/** The tag in `If-Match`; `*` and no header fit every state. */
function expected(req) {
  const given = req.get('If-Match');
  if (given === undefined) return undefined;
  const tag = given.trim().replace(/^"|"$/g, '');
  return tag === '*' ? undefined : tag;
}

function body(json) {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Refusal(422, 'the body is no JSON object (`Content-Type: application/json`)');
  return json;
}

/** `{ "set": …, "sources": …, "by": …, "why": … }`, or a bare chain set. */
function wished(json) {
  const given = body(json);
  if (given.magic !== undefined) return { set: fromValue(given), sources: noSources(), by: '', why: 'applied a chain file' };
  const { set, sources = noSources(), by = '', why = '', ...more } = given;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new Refusal(422, `this is no stack: unknown field \`${unknown}\``);
  if (typeof by !== 'string' || typeof why !== 'string') throw new Refusal(422, 'this is no stack: `by` and `why` are texts');
  return { set: fromValue(set ?? null), sources, by, why };
}

function queried({ from, port, to, router, wires, ...more }) {
  const [unknown] = Object.keys(more).filter((key) => key !== 'access_token');
  if (unknown !== undefined) throw new Refusal(400, `unknown field \`${unknown}\``);
  const given = { from, port: whole(port), to, router };
  return { ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), wires: flag(wires) };
}

/**
 * Reads a body of the type that Node-RED leaves alone: its own reader takes `application/json` and refuses more than
 * `apiMaxLength`, which large stacks exceed.
 */
async function readBody(req) {
  if (!/^application\/vnd\.route\+json\b/i.test(req.headers['content-type'] ?? '')) return req.body;
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  if (size > MAX_BODY) throw new Refusal(413, `the stack is larger than ${MAX_BODY >> 20} MiB, which is the limit`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new Refusal(422, `this is no JSON: ${error.message}`);
  }
}

module.exports = { Api };
