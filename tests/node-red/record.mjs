// Runs every case in a real Node-RED and writes what its nodes did to `recorded.json`: what was sent on each output, and
// the errors. Ids of sequences are told apart, not kept.

import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cases } from './cases.mjs'

const require = createRequire(import.meta.url)
const helper = require('node-red-node-test-helper')
const { version } = require('node-red/package.json')
const core = path.join(path.dirname(require.resolve('@node-red/nodes/package.json')), 'core')

const files = {
  switch: 'function/10-switch', change: 'function/15-change', range: 'function/16-range', template: 'function/80-template',
  json: 'parsers/70-JSON', csv: 'parsers/70-CSV', yaml: 'parsers/70-YAML', split: 'sequence/17-split', join: 'sequence/17-split',
  batch: 'sequence/19-batch', sort: 'sequence/18-sort', rbe: 'function/rbe', function: 'function/10-function',
  delay: 'function/89-delay', trigger: 'function/89-trigger',
}

helper.init(require.resolve('node-red'))

const plain = (value) => JSON.parse(JSON.stringify(value ?? null))

/** The ids of sequences by the order in which they come. */
function told(sent) {
  const known = new Map()
  for (const [, msg] of sent) {
    delete msg._msgid
    let parts = msg.parts
    while (parts && typeof parts === 'object') {
      if ('id' in parts) {
        if (!known.has(parts.id)) known.set(parts.id, `id ${known.size + 1}`)
        parts.id = known.get(parts.id)
      }
      parts = parts.parts
    }
  }
  return sent
}

async function run({ type, config, messages, wait }) {
  const outputs = type === 'join' || type === 'split' || type === 'batch' || type === 'sort' ? 1 : config.outputs ?? 1
  const wires = Array.from({ length: outputs }, (_, port) => [`out${port}`])
  const flow = [{ id: 'tab', type: 'tab' }, { id: 'n1', z: 'tab', type, name: 'n', ...config, wires }]
  for (let port = 0; port < outputs; port++) flow.push({ id: `out${port}`, z: 'tab', type: 'helper' })
  const node = require(path.join(core, files[type]))
  await helper.load(node, flow)
  const sent = []
  for (let port = 0; port < outputs; port++) {
    helper.getNode(`out${port}`).on('input', (msg) => sent.push([port, plain(msg)]))
  }
  const n1 = helper.getNode('n1')
  const errors = []
  n1.error = (text) => errors.push(String(text?.message ?? text))
  for (const msg of messages) {
    n1.receive(JSON.parse(JSON.stringify(msg)))
    // Nodes answer in order, though not all at once.
    await new Promise((next) => setTimeout(next, wait ? 0 : 12))
  }
  await new Promise((next) => setTimeout(next, wait || 25))
  await helper.unload()
  return { type, config, messages, wait, sent: told(sent), errors }
}

await new Promise((ready) => helper.startServer(ready))
const recorded = []
for (const one of cases) recorded.push(await run(one))
await new Promise((done) => helper.stopServer(done))
const here = path.dirname(fileURLToPath(import.meta.url))
const lines = recorded.map((one) => `  ${JSON.stringify(one)}`).join(',\n')
writeFileSync(path.join(here, 'recorded.json'), `{"node-red":"${version}","cases":[\n${lines}\n]}\n`)
console.log(`${recorded.length} cases recorded with Node-RED ${version}`)
process.exit(0)
