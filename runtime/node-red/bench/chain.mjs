// How much a chain costs for each message, generated and interpreted. `node bench/chain.mjs`; believe the ratios more than the times.

import { createRequire } from 'node:module'

const { fromValue } = createRequire(import.meta.url)('../lib/format.js')
const { link } = createRequire(import.meta.url)('../lib/chain/index.js')

const paths = [['topic'], ['payload', 'temperature'], ['payload', 'unit'], ['payload', 'seq'], ['payload', 'ok']]
const [topic, temperature, unit, seq, ok] = paths.map((_, path) => ({ path }))
const lit = (value) => ({ lit: value })
const eq = (a, value) => ({ cmp: ['eq', a, lit(value)] })
const gt = (a, value) => ({ cmp: ['gt', a, lit(value)] })
const halt = (when) => ({ when, op: { halt: { as_error: false } } })

/** A hundred rules of which the topic picks out one. */
const rules = (many) => Array.from({ length: many }, (_, i) => halt({ and: [eq(topic, `dev/${i}`), gt(temperature, 1000 + i)] }))
const table = (many) => [{ from: 0, to: many, path: 0, equal: Array.from({ length: many }, (_, i) => [`dev/${i}`, [i]]), other: [] }]

const stacks = {
  'one rule: a prefix and a number': { steps: [halt({ and: [{ starts_with: [topic, lit('dev/')] }, gt(temperature, 1000)] })] },
  'one rule: or, not, remainder': {
    steps: [halt({ and: [{ or: [eq(unit, 'F'), { truth: ok }] }, { not: { or: [gt(seq, -1), eq({ arith: ['rem', seq, lit(10)] }, 0)] } }] })],
  },
  'one rule: an expression': { steps: [halt({ matches: [topic, 0] })] },
  'one rule: an expression with a loop': { steps: [halt({ matches: [topic, 1] })] },
  'ten filters': { steps: Array.from({ length: 10 }, (_, i) => ({ op: { keep: gt([temperature, seq][i % 2], -100 - i) } })) },
  '100 rules': { steps: rules(100) },
  '100 rules, a table': { steps: rules(100), tables: table(100) },
  '1,000 rules': { steps: rules(1000) },
  '1,000 rules, a table': { steps: rules(1000), tables: table(1000) },
  'set a field of the payload': { steps: [{ op: { set: [{ assign: [2, lit('K')] }] } }] },
  'set a field of the message': { steps: [{ op: { set: [{ assign: [0, lit('t')] }] } }] },
  'limit to a rate for each topic': {
    steps: [{ op: { limit: { rate: { count: 1e9, per_ms: 1, burst: 1e9 }, per: topic, over: 'halt', max_keys: 10000 } } }],
  },
}

function linked({ steps, tables = [] }, interpret) {
  const routers = steps.map((_, i) => ({ name: `r${i}`, kind: 'any', layer: 'main', file: 'bench.route', line: 1 }))
  return link(fromValue({
    magic: 'route-chain', version: 2, stack: 'bench', flows: '', source: '', paths, regexes: ['^plant/line[0-9]+/temp$', 'line.*[0-9]x'], routers,
    chains: [{ steps: [] }, { steps: steps.map((step, router) => ({ router, ...step })), tables }],
    wires: [{ from: 'a', port: 0, to: 'b', chain: 1 }],
  }), { interpret })
}

/** As they come from a broker: the topic is a text of its own, the payload was read from JSON. */
const messages = Array.from({ length: 1000 }, (_, i) => ({
  topic: Buffer.from(`dev/${(i * 7919) % 100}`).toString(),
  payload: JSON.parse(JSON.stringify({ temperature: 20 + (i % 10), unit: 'C', ok: true, seq: i, tags: ['a', 'b'] })),
  qos: 0,
  retain: false,
  _msgid: `${i}`,
}))

const host = { now: () => 0, random: Math.random, tap: () => 'taken', log() {}, call() {} }

/** Nanoseconds for a message, the best of some rounds. */
function time(run) {
  let best = Infinity
  let delivered = 0
  for (let round = 0; round < 40; round += 1) {
    const times = round < 10 ? 3 : 30
    const from = process.hrtime.bigint()
    for (let i = 0; i < times; i += 1) for (const msg of messages) if (run(msg) === null) delivered += 1
    best = Math.min(best, Number(process.hrtime.bigint() - from) / times / messages.length)
  }
  return { best, delivered }
}

const rows = []
const empty = linked({ steps: [] }, false).chainOf('a', 0, 'b')
const none = time((msg) => (empty === undefined ? null : empty.run(msg, host))).best
for (const [name, stack] of Object.entries(stacks)) {
  const [fast, slow] = [false, true].map((interpret) => {
    const chain = linked(stack, interpret).chainOf('a', 0, 'b')
    return time((msg) => chain.run(msg, host))
  })
  if (fast.delivered !== slow.delivered) throw new Error(`${name}: generated and interpreted code do not agree`)
  rows.push({ stack: name, 'generated ns': fast.best, 'interpreted ns': slow.best, 'interpreted / generated': slow.best / fast.best })
}
const shown = (n) => (n >= 100 ? n.toFixed(0) : n.toFixed(1))
console.log(`no router on the wire: ${shown(none)} ns`)
console.table(Object.fromEntries(rows.map(({ stack, ...row }) => [stack, Object.fromEntries(Object.entries(row).map(([k, v]) => [k, shown(v)]))])))
