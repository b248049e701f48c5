//! Flows for the tests: what is posted to `/send` leaves the function `Source`, and other functions tell what reaches them.
'use strict';

let x = 0;
const at = (tab) => ({ z: tab, x: 100 + (x += 10), y: 100 });

const tab = (id, label, more = {}) => ({ id, type: 'tab', label, disabled: false, info: '', ...more });
const fn = (tabId, id, name, func, wires, more = {}) => ({
  id, type: 'function', name, func, outputs: wires.length, timeout: '', noerr: 0, initialize: '', finalize: '', libs: [], ...at(tabId), wires, ...more,
});

/** A function that tells what reaches it. */
const teller = (tabId, id, name, wires = [[]], more = {}) => fn(tabId, id, name,
  `const { req, res, ...rest } = msg; global.get('tell')({ at: '${id}', msg: rest }); return msg;`, wires, more);

/** The way in: a list of messages is sent one by one, `{port, msgs}` as Node-RED's `send` takes it. */
const source = (tabId, wires, outputs = wires) => [
  { id: 'in', type: 'http in', name: '', url: '/send', method: 'post', upload: false, swaggerDoc: '', ...at(tabId), wires: [['src', 'ok']] },
  fn(tabId, 'src', 'Source', 'for (const one of msg.payload) node.send(one);', outputs),
  { id: 'ok', type: 'http response', name: '', statusCode: '204', headers: {}, ...at(tabId), wires: [] },
];

const catcher = (tabId, id) => [
  { id, type: 'catch', name: '', scope: null, uncaught: false, ...at(tabId), wires: [[`${id}-told`]] },
  fn(tabId, `${id}-told`, '', `global.get('tell')({ at: '${id}', msg: { payload: msg.payload, run: msg.run, error: msg.error } });`, [[]]),
];

/** Source → A and B; B → C on another tab through links. */
const plain = () => [
  tab('t', 'Main'), tab('u', 'Other'),
  ...source('t', [['a', 'b']]),
  teller('t', 'a', 'A'),
  teller('t', 'b', 'B', [['out']]),
  { id: 'out', type: 'link out', name: '', mode: 'link', links: ['lin'], ...at('t'), wires: [] },
  { id: 'lin', type: 'link in', name: '', links: ['out'], ...at('u'), wires: [['c']] },
  teller('u', 'c', 'C'),
  ...catcher('t', 'catch'),
];

module.exports = { tab, fn, teller, source, catcher, plain };
