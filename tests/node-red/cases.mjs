// What is asked of Node-RED's nodes. A case: the node's properties, and the messages that it gets, in order.

const all = [true, false, null, '', 'a', [], [1], {}, { k: 1 }, 0, '{}', '12', 3.5]
const of = (type, config, messages, wait = 0) => ({ type, config, messages, wait })
const payloads = (list) => list.map((payload) => ({ payload }))
const p = (type, config, ...list) => of(type, config, payloads(list))

const rules = [
  { t: 'true' }, { t: 'false' }, { t: 'null' }, { t: 'nnull' }, { t: 'empty' }, { t: 'nempty' },
  ...['string', 'number', 'boolean', 'array', 'buffer', 'object', 'json', 'undefined', 'null'].map((v) => ({ t: 'istype', v, vt: v })),
  { t: 'hask', v: 'k', vt: 'str' },
  { t: 'eq', v: '12', vt: 'num' }, { t: 'eq', v: '12', vt: 'str' }, { t: 'neq', v: 'a', vt: 'str' },
  { t: 'lt', v: '3.5', vt: 'num' }, { t: 'lte', v: '3.5', vt: 'num' }, { t: 'gt', v: '1', vt: 'num' }, { t: 'gte', v: '3.5', vt: 'num' },
  { t: 'btwn', v: '0', vt: 'num', v2: '5', v2t: 'num' }, { t: 'cont', v: '1', vt: 'str' },
  { t: 'regex', v: '^[a-z]$', vt: 'str', case: false }, { t: 'regex', v: 'A', vt: 'str', case: true },
  { t: 'else' }, { t: 'jsonata_exp', v: 'payload = 3.5 or payload = "a"', vt: 'jsonata' },
]

const sequence = (list) => list.map((payload, index) => ({ payload, parts: { id: 's', index, count: list.length } }))

export const cases = [
  ...rules.map((rule) => p('switch', { property: 'payload', rules: [rule], outputs: 1, checkall: 'true' }, ...all)),
  p('switch', { property: 'payload', rules: [{ t: 'gt', v: '1', vt: 'num' }, { t: 'gt', v: '2', vt: 'num' }, { t: 'else' }], outputs: 3, checkall: 'true' }, 0, 2, 3),
  p('switch', { property: 'payload', rules: [{ t: 'gt', v: '1', vt: 'num' }, { t: 'gt', v: '2', vt: 'num' }, { t: 'else' }], outputs: 3, checkall: 'false' }, 0, 2, 3),
  p('switch', { property: 'payload', rules: [{ t: 'gt', v: '', vt: 'prev' }], outputs: 1 }, 1, 5, 4, 6),
  of('switch', { property: 'payload', rules: [{ t: 'head', v: '2', vt: 'num' }, { t: 'tail', v: '1', vt: 'num' }, { t: 'index', v: '1', vt: 'num', v2: '2', v2t: 'num' }], outputs: 3, checkall: 'true' }, sequence([1, 2, 3, 4])),
  of('switch', { property: 'payload', rules: [{ t: 'gt', v: '1', vt: 'num' }], outputs: 1, repair: true }, sequence([1, 2, 3])),

  p('change', { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '5', tot: 'num' }] }, 1),
  p('change', { rules: [{ t: 'set', p: 'a.b.c', pt: 'msg', to: 'payload', tot: 'msg' }] }, 1, { x: 1 }),
  p('change', { rules: [{ t: 'set', p: 'a', pt: 'msg', to: '{"x":[1]}', tot: 'json' }, { t: 'set', p: 'a.x[1]', pt: 'msg', to: 'true', tot: 'bool' }] }, 1),
  p('change', { rules: [{ t: 'set', p: 'a', pt: 'msg', to: 'payload * 2', tot: 'jsonata' }] }, 4, 'x'),
  p('change', { rules: [{ t: 'set', p: 'a', pt: 'msg', to: 'nothing.here', tot: 'msg' }] }, 1),
  p('change', { rules: [{ t: 'delete', p: 'payload.x', pt: 'msg' }] }, { x: 1, y: 2 }, 5),
  p('change', { rules: [{ t: 'move', p: 'payload', pt: 'msg', to: 'topic', tot: 'msg' }] }, 7),
  p('change', { rules: [{ t: 'move', p: 'payload', pt: 'msg', to: 'payload.inner', tot: 'msg' }] }, 7),
  p('change', { rules: [{ t: 'change', p: 'payload', pt: 'msg', from: 'a', fromt: 'str', to: 'b', tot: 'str' }] }, 'banana', 'a', 1, ['a'], { a: 'a' }),
  p('change', { rules: [{ t: 'change', p: 'payload', pt: 'msg', from: '[0-9]+', fromt: 're', to: '<$&>', tot: 'str' }] }, 'a12b3', 12),
  p('change', { rules: [{ t: 'change', p: 'payload', pt: 'msg', from: '12', fromt: 'num', to: '0', tot: 'num' }] }, 12, '12', 'a12'),
  p('change', { rules: [{ t: 'change', p: 'payload', pt: 'msg', from: 'true', fromt: 'bool', to: 'no', tot: 'str' }] }, true, 'true', false),
  p('change', { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '', tot: 'str' }, { t: 'set', p: 'x', pt: 'msg', to: '[1,2]', tot: 'bin' }] }, 1),

  p('range', { action: 'scale', minin: '0', maxin: '10', minout: '0', maxout: '100', round: false }, 5, '5', 15, -1, 'x', null),
  p('range', { action: 'clamp', minin: '0', maxin: '10', minout: '0', maxout: '100', round: true }, 3.14, 15, -1),
  p('range', { action: 'roll', minin: '0', maxin: '10', minout: '0', maxout: '10', round: false }, 12, -1, 20.5),
  p('range', { action: 'drop', minin: '0', maxin: '10', minout: '0', maxout: '1', round: false }, 12, 5),

  p('template', { field: 'payload', fieldType: 'msg', syntax: 'mustache', template: 'a {{payload}} {{{payload}}} {{x.y}}' }, 'b<&', { q: 1 }, [1, 2]),
  p('template', { field: 'payload', fieldType: 'msg', syntax: 'mustache', template: '{{#payload}}[{{.}}]{{/payload}}{{^payload}}none{{/payload}}' }, [1, 2], [], 'x'),
  p('template', { field: 'payload', fieldType: 'msg', syntax: 'mustache', template: '{{#payload}}{{name}},{{/payload}}' }, [{ name: 'a' }, { name: '<b>' }]),
  p('template', { field: 'out.text', fieldType: 'msg', syntax: 'plain', template: 'as {{is}}' }, 1),
  p('template', { field: 'payload', fieldType: 'msg', syntax: 'mustache', output: 'json', template: '{"a":"{{payload}}"}' }, 'x', 'a"b'),
  p('template', { field: 'payload', fieldType: 'msg', syntax: 'mustache', output: 'yaml', template: 'a: {{payload}}\nb: [1, 2]' }, 'x', 3),

  p('json', { property: 'payload', action: '', pretty: false }, '{"a":1}', { a: 1 }, [1], 5, true, 'no json', '"x"', null),
  p('json', { property: 'payload', action: 'str', pretty: true }, { a: [1, 2] }, '{"a":1}'),
  p('json', { property: 'payload', action: 'obj', pretty: false }, '[1,2]', { a: 1 }, '{'),

  p('csv', { sep: ',', hdrin: '', hdrout: 'none', multi: 'one', ret: '\\n', temp: 'a,b,c', skip: '0', strings: true }, '1,2,3', '1,"x,y",z', '4,5', 'a\nb,c,d'),
  p('csv', { sep: ',', hdrin: true, hdrout: 'none', multi: 'mult', ret: '\\n', temp: '', skip: '1', strings: true }, '# c\na,b\n1,x\n007,2.50'),
  p('csv', { sep: ',', hdrin: '', hdrout: 'all', multi: 'one', ret: '\\n', temp: 'a,b', skip: '0', strings: true }, { a: 1, b: 'x,y' }, [{ a: 1, b: 2 }, { b: '"q"' }], [[1, 2], [3, 4]]),
  p('csv', { sep: ',', hdrin: '', hdrout: 'none', multi: 'mult', ret: '\\n', temp: '', skip: '0', strings: true, spec: 'rfc' }, '1,-2.5,1e3,1E+2,007,0x1f,+5,.5,1.', 'a,"b ""q""",c\r\n1,,3'),
  p('csv', { sep: ',', hdrin: '', hdrout: 'none', multi: 'mult', ret: '\\n', temp: '', skip: '0', strings: true }, '1,-2.5,1e3,1E+2,007,0x1f,+5,.5,1.'),
  p('csv', { sep: ';', hdrin: '', hdrout: 'once', multi: 'one', ret: '\\r\\n', temp: 'x,y', skip: '0', strings: false, include_empty_strings: true, include_null_values: true }, '1;;', { x: null, y: 5 }, { x: 2 }),

  p('split', { splt: '\\n', spltType: 'str', arraySplt: 1, arraySpltType: 'len', stream: false, addname: '' }, 'a\nb\nc', [1, [2], 3], { a: 1, b: 2 }, 5),
  p('split', { splt: '2', spltType: 'len', arraySplt: 2, arraySpltType: 'len', stream: false, addname: 'key' }, 'abcde', [1, 2, 3], { a: 1 }),
  of('join', { mode: 'auto' }, sequence(['a', 'b', 'c'])),
  of('join', { mode: 'auto' }, [{ payload: 'b', parts: { id: 'x', type: 'string', ch: '-', index: 1, count: 2 } }, { payload: 'a', parts: { id: 'x', type: 'string', ch: '-', index: 0, count: 2 } }]),
  of('join', { mode: 'auto' }, [{ payload: 1, parts: { id: 'x', type: 'object', key: 'k', index: 0, count: 2 } }, { payload: 2, parts: { id: 'x', type: 'object', key: 'l', index: 1, count: 2 } }]),
  of('join', { mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg', count: '2', joiner: '\\n', joinerType: 'str', timeout: '' }, payloads([1, 2, 3, 4])),
  of('join', { mode: 'custom', build: 'string', property: 'payload', propertyType: 'msg', count: '2', joiner: '\\n', joinerType: 'str', timeout: '' }, payloads([{ x: 1 }, [2], 'a', 5])),
  of('join', { mode: 'custom', build: 'object', property: 'payload', propertyType: 'msg', key: 'topic', count: '2', joiner: '\\n', joinerType: 'str', timeout: '' }, [{ topic: 'a', payload: 1 }, { topic: 'a', payload: 2 }, { topic: 'b', payload: 3 }]),
  of('join', { mode: 'custom', build: 'merged', property: 'payload', propertyType: 'msg', key: 'topic', count: '2', joiner: '', joinerType: 'str', timeout: '' }, payloads([{ a: 1 }, { b: 2 }])),
  of('join', { mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg', count: '', joiner: '', joinerType: 'str', timeout: '' }, [{ payload: 1 }, { payload: 2, complete: true }, { payload: 3 }, { complete: true }]),
  of('join', { mode: 'reduce', reduceRight: false, reduceExp: '$A + payload', reduceInit: '10', reduceInitType: 'num', reduceFixup: '$A / $N' }, sequence([1, 2, 3])),
  of('join', { mode: 'reduce', reduceRight: true, reduceExp: '$A & payload', reduceInit: '', reduceInitType: 'str', reduceFixup: '' }, sequence(['a', 'b', 'c'])),

  p('batch', { mode: 'count', count: 2, overlap: 0, interval: 10, allowEmptySequence: false, topics: [] }, 1, 2, 3, 4, 5),
  p('batch', { mode: 'count', count: 3, overlap: 1, interval: 10, allowEmptySequence: false, topics: [] }, 1, 2, 3, 4, 5),
  of('batch', { mode: 'concat', count: 3, overlap: 1, topics: [{ topic: 'a' }, { topic: 'b' }] }, [
    { topic: 'b', payload: 3, parts: { id: 2, index: 0, count: 1 } }, { topic: 'a', payload: 1, parts: { id: 1, index: 0, count: 2 } }, { topic: 'a', payload: 2, parts: { id: 1, index: 1, count: 2 } }]),

  p('sort', { target: 'payload', targetType: 'msg', msgKey: '', msgKeyType: 'elem', order: 'ascending', as_num: false, seqKey: 'payload', seqKeyType: 'msg' }, [3, 1, 10, 2], ['b', 'A', 'a']),
  p('sort', { target: 'payload', targetType: 'msg', msgKey: '', msgKeyType: 'elem', order: 'descending', as_num: true, seqKey: 'payload', seqKeyType: 'msg' }, [3, 1, '10', 2]),
  p('sort', { target: 'payload', targetType: 'msg', msgKey: 'n', msgKeyType: 'jsonata', order: 'ascending', as_num: true, seqKey: 'payload', seqKeyType: 'msg' }, [{ n: 2 }, { n: 1 }]),
  of('sort', { target: 'payload', targetType: 'seq', msgKey: '', msgKeyType: 'elem', order: 'ascending', as_num: true, seqKey: 'payload', seqKeyType: 'msg' }, sequence([3, 1, 2])),

  p('rbe', { func: 'rbe', gap: '', start: '', inout: 'out', property: 'payload' }, 1, 1, 2, '2', { a: 1 }, { a: 1 }),
  p('rbe', { func: 'rbei', gap: '', start: '', inout: 'out', property: 'payload' }, 1, 1, 2, 1),
  p('rbe', { func: 'deadband', gap: '5', start: '', inout: 'out', property: 'payload' }, 0, 4, 5, 6, 'x', 11),
  p('rbe', { func: 'deadband', gap: '10%', start: '', inout: 'out', property: 'payload' }, 100, 105, 110, 111, 125),
  p('rbe', { func: 'narrowband', gap: '5', start: '0', inout: 'out', property: 'payload' }, 3, 9, 7, 100),
  of('rbe', { func: 'rbe', gap: '', start: '', inout: 'out', property: 'payload', septopics: true, topi: 'topic' }, [{ topic: 'a', payload: 1 }, { topic: 'b', payload: 1 }, { topic: 'a', payload: 1 }, { reset: true }, { topic: 'a', payload: 1 }]),

  p('function', { func: 'return msg;', outputs: 1, libs: [] }, 1, 'a', { x: [1] }),
  p('function', { func: 'return [msg, null, { payload: "c" }];', outputs: 3, libs: [] }, 1),
  p('function', { func: 'return [[{payload: 1}, {payload: 2}], {payload: 3}];', outputs: 2, libs: [] }, 0),
  p('function', { func: 'node.send({payload: 1}); node.send([null, {payload: 2}]); return null;', outputs: 2, libs: [] }, 0),
  p('function', { func: 'return 5;', outputs: 1, libs: [] }, 0),
  p('function', { func: 'return "text";', outputs: 1, libs: [] }, 0),
  p('function', { func: 'node.error("bad", msg); return null;', outputs: 1, libs: [] }, 0),
  p('function', { func: 'const n = (context.get("n") || 0) + 1; context.set("n", n); msg.payload = n; return msg;', outputs: 1, libs: [] }, 0, 0, 0),
  p('function', { func: 'msg.payload = [typeof Buffer, Buffer.from("é").length, new Date(0).toISOString(), RED.util.cloneMessage({a: 1}).a, typeof setTimeout, [3,1,2].sort().join()]; return msg;', outputs: 1, libs: [] }, 0),
  p('function', { func: 'msg.payload = msg.payload.replace(/(?<=a)b/gu, "X").padEnd(5, "-"); return msg;', outputs: 1, libs: [] }, 'abab'),
  of('function', { func: 'setTimeout(() => node.send({payload: "late"}), 20); return { payload: "now" };', outputs: 1, libs: [] }, payloads([0]), 200),

  p('yaml', { property: 'payload' }, 'a: 1\nb: [x, "y"]\n', { a: 1, b: ['x', null] }, 'a: [', 5),
  of('delay', { pauseType: 'delay', timeout: '50', timeoutUnits: 'milliseconds', rate: '1', nbRateUnits: '1', rateUnits: 'second', drop: false, outputs: 1 }, payloads([1, 2]), 400),
  of('trigger', { op1: '1', op2: '0', op1type: 'str', op2type: 'str', duration: '50', extend: false, overrideDelay: false, units: 'ms', reset: '', bytopic: 'all', topic: 'topic', outputs: 1 }, payloads(['x', 'y']), 400),
  of('trigger', { op1: '', op2: '', op1type: 'pay', op2type: 'payl', duration: '50', extend: true, overrideDelay: false, units: 'ms', reset: 'stop', bytopic: 'all', topic: 'topic', outputs: 2 }, payloads(['x', 'y', 'z']), 400),
  of('trigger', { op1: 'on', op2: 'off', op1type: 'str', op2type: 'str', duration: '50', extend: false, units: 'ms', reset: 'stop', bytopic: 'topic', topic: 'topic', outputs: 1 }, [{ topic: 'a', payload: 1 }, { topic: 'b', payload: 1 }, { topic: 'a', payload: 'stop' }], 400),
]
