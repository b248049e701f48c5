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

const sequence = (list, id = 's') => list.map((payload, index) => ({ payload, parts: { id, index, count: list.length } }))

const delay = { pauseType:'delay', timeout:'50', timeoutUnits:'milliseconds', rate:'1', nbRateUnits:'1', rateUnits:'second', randomFirst:'1', randomLast:'5', randomUnits:'seconds', drop:false, allowrate:false, outputs:1 }
const trigger = { op1:'1', op2:'0', op1type:'str', op2type:'str', duration:'50', extend:false, overrideDelay:false, units:'ms', reset:'', bytopic:'all', topic:'topic', outputs:1 }
const code = (func, ...l) => p('function', { func, outputs:1, libs:[] }, ...l)
const decide = (rules, ...l) => p('switch', { property:'payload', rules, outputs: rules.length, checkall:'true' }, ...l)
const changed = (rule, ...l) => p('change', { rules:[rule] }, ...l)
const joined = { mode:'custom', build:'array', property:'payload', propertyType:'msg', key:'topic', joiner:',', joinerType:'str', accumulate:false, timeout:'', count:'' }
const csvBase = { sep:',', hdrin:'', hdrout:'none', multi:'one', ret:'\\n', temp:'', skip:'0', strings:true, include_empty_strings:'', include_null_values:'' }

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

  of('delay', {...delay, pauseType:'rate', rate:'20', timeout:'5'}, payloads([1,2,3]), 400),
  of('delay', {...delay, pauseType:'rate', rate:'20', drop:true}, payloads([1,2,3]), 300),
  of('delay', {...delay, pauseType:'rate', rate:'20', drop:true, outputs:2}, payloads([1,2,3]), 300),
  of('delay', {...delay, pauseType:'delayv'}, [{payload:1,delay:60},{payload:2,delay:10},{payload:3,delay:'x'}], 300),
  of('delay', delay, [{payload:1},{payload:2},{reset:true},{payload:3}], 300),
  of('delay', delay, [{payload:1},{payload:2},{flush:true}], 300),
  of('delay', delay, [{payload:1},{payload:2},{flush:1}], 300),
  of('delay', {...delay, pauseType:'queue', rate:'20'}, [{topic:'a',payload:1},{topic:'a',payload:2},{topic:'b',payload:3}], 400),
  of('delay', {...delay, pauseType:'timed', rate:'20'}, [{topic:'a',payload:1},{topic:'a',payload:2},{topic:'b',payload:3}], 400),
  of('delay', {...delay, pauseType:'rate', rate:'20'}, [{payload:1},{payload:2},{payload:3},{flush:1}], 300),
  of('delay', {...delay, pauseType:'rate', rate:'20', allowrate:true}, [{payload:1,rate:40},{payload:2},{payload:3}], 300),
  of('trigger', trigger, [{payload:1},{reset:1},{payload:2}], 200),
  of('trigger', {...trigger, op2type:'nul'}, payloads([1,2]), 200),
  of('trigger', {...trigger, op1type:'nul'}, payloads([1,2]), 200),
  of('trigger', {...trigger, outputs:2}, payloads([1]), 200),
  of('trigger', {...trigger, op1:'{"a":1}', op1type:'json', op2:'true', op2type:'bool'}, payloads([1]), 200),
  of('trigger', {...trigger, op1:'5', op1type:'num', op2:'', op2type:'date'}, payloads([]), 100),
  of('trigger', {...trigger, overrideDelay:true}, [{payload:1,delay:100}], 300),
  of('trigger', {...trigger, duration:'0', reset:'off'}, payloads([1,2,'off',3]), 200),
  of('trigger', {...trigger, op2:'', op2type:'payl'}, payloads([1,2,3]), 200),
  of('trigger', {...trigger, op1:'', op1type:'pay', bytopic:'topic'}, [{topic:'a',payload:1},{topic:'b',payload:2},{topic:'a',payload:3}], 200),
  code('node.warn("w"); return msg',0), code('node.status({fill:"red",text:"a"}); return msg',0),
  code('return [[]]',0), code('return []',0), code('return true',0), code('flow.set("a.b[0].c",1); msg.payload=flow.get("a"); return msg',0),
  code('global.set("z",{q:1}); msg.payload=[global.get("z.q"),global.keys().includes("z")]; return msg',0),
  code('context.set(["a","b"],[1,2]); msg.payload=context.get(["a","b","c"]); return msg',0),
  code('return {...msg, d:new Date(0), r:/a/g, n:NaN, i:Infinity, u:undefined, b:Buffer.from("hi"), m:new Map([[1,2]]), s:new Set([1]), f:Symbol.name}',0),
  code('msg.payload=Buffer.concat([Buffer.from("ab"),Buffer.from([99])]).toString("hex"); return msg',0),
  code('msg.payload=[Buffer.from("ff00","hex").readUInt16BE(0),Buffer.alloc(2,1),Buffer.from("YQ==","base64").toString(),Buffer.from("abc").slice(1).toString(),Buffer.isBuffer(Buffer.alloc(0))]; return msg',0),
  code('msg.payload=[RED.util.getMessageProperty({a:{b:1}},"a.b"),RED.util.getMessageProperty({a:[1]},"msg.a[0]"),RED.util.compareObjects({a:1},{a:1}),RED.util.ensureString(Buffer.from("q"))]; return msg',0),
  code('RED.util.setMessageProperty(msg,"x.y[1].z",3,true); return msg',0), code('msg.payload=RED.util.normalisePropertyExpression("a[\'b c\'].d"); return msg',0),
  code('msg.payload=[node.id,node.name,typeof node.outputCount,node.outputCount]; return msg',0), code('msg.payload=env.get("NR_NODE_NAME"); return msg',0),
  of('function',{func:'return new Promise(r=>setTimeout(()=>r(msg),5))',outputs:1,libs:[]},payloads([1]),100),
  of('function',{func:'await 1; msg.payload=2; return msg',outputs:1,libs:[]},payloads([1]),100),
  of('function',{func:'node.send(msg); node.done(); ',outputs:1,libs:[]},payloads([1]),100),
  code('msg.payload=typeof require+typeof process+typeof console+typeof URL+typeof crypto+typeof structuredClone; return msg',0),
  code('msg.payload=JSON.stringify([1.5e300,-0,1e21,1e-7,123456789012345680000]); return msg',0), code('msg.payload=[..."añ😀"].length+encodeURIComponent("é&"); return msg',0),
  code('msg.payload=util.inspect({a:[1]}); return msg',0), code('let a={n:1};node.send({payload:a},false);a.n=2;',0), code('let a={n:1};node.send({payload:a});a.n=2;',0),
  decide([{t:'eq',v:'^flow.none',vt:'flow'}],1,null), decide([{t:'eq',v:'true',vt:'bool'}],true,'true',1), decide([{t:'eq',v:'{"a":1}',vt:'json'}],{a:1},'x'), decide([{t:'regex',v:'(?<y>\\d{4})',vt:'str',case:false}],'2024','x',2024),
  decide([{t:'btwn',v:'5',vt:'num',v2:'1',v2t:'num'}],3,'3',6), decide([{t:'cont',v:'ell',vt:'str'}],'hello',['ell'],5), decide([{t:'hask',v:'a',vt:'str'}],{a:undefined},{a:null},[1],null), decide([{t:'lt',v:'b',vt:'str'}],'a','c',1),
  decide([{t:'jsonata_exp',v:'$number(payload) > 3',vt:'jsonata'}],'5','x',2), decide([{t:'regex',v:'[',vt:'str',case:false}],'a'), p('switch',{property:'$length(payload)',propertyType:'jsonata',rules:[{t:'gt',v:'2',vt:'num'}],outputs:1},'abc','a'),
  decide([{t:'eq',v:'payload',vt:'msg'},{t:'neq',v:'payload',vt:'msg'}],1,[1],{a:1},null),
  changed({t:'set',p:'payload[0]',pt:'msg',to:'1',tot:'num'},[5],{},'x'), changed({t:'set',p:'payload.a.b',pt:'msg',to:'1',tot:'num'},5,null,'x',[1]), changed({t:'set',p:'payload["x y"]',pt:'msg',to:'1',tot:'num'},{}), changed({t:'delete',p:'payload[1]',pt:'msg'},[1,2,3]), changed({t:'set',p:'payload',pt:'msg',to:'payload.a',tot:'msg',dc:true},{a:{b:1}}),
  changed({t:'set',p:'x',pt:'flow',to:'1',tot:'num'},1), changed({t:'set',p:'payload',pt:'msg',to:'$sum([1,2,3])&$uppercase("a")',tot:'jsonata'},1), changed({t:'set',p:'payload',pt:'msg',to:'$$$',tot:'jsonata'},1), changed({t:'set',p:'payload',pt:'msg',to:'NR_NODE_NAME',tot:'env'},1), changed({t:'change',p:'payload',pt:'msg',from:'(a)(b)?',fromt:'re',to:'[$2$1$$]',tot:'str'},'ab a'), changed({t:'change',p:'payload',pt:'msg',from:'.',fromt:'str',to:'-',tot:'str'},'a.b.c'), changed({t:'change',p:'payload',pt:'msg',from:'a',fromt:'str',to:'1',tot:'num'},'a','ba'), changed({t:'move',p:'payload.a',pt:'msg',to:'payload',tot:'msg'},{a:1}), changed({t:'move',p:'nope',pt:'msg',to:'x',tot:'msg'},1),
  ...['array','string','object','merged'].map(build=>of('join',{...joined,build,count:'3'},[{topic:'a',payload:{x:1}},{topic:'b',payload:{y:2}},{topic:'a',payload:{z:3}},{topic:'c',payload:{w:4}}],50)),
  of('join',{...joined,count:'5',timeout:'0.05'},payloads([1,2]),300), of('join',{...joined,count:'2',accumulate:true,build:'object'},[{topic:'a',payload:1},{topic:'b',payload:2},{topic:'a',payload:3}],50), of('join',{...joined,count:'9'},[{payload:1},{reset:true},{payload:2},{payload:3,complete:1}],50), of('join',{...joined,build:'string',joiner:'[44,32]',joinerType:'bin',count:'2'},payloads(['a','b']),50), of('join',{mode:'auto'},[...sequence([1,2],'p'),...sequence([3],'q')],50), of('join',{mode:'auto'},payloads([1]),50),
  p('split',{splt:',',spltType:'str',arraySplt:1,arraySpltType:'len',stream:true,addname:''},'a,b','c,d'), p('split',{splt:'\\n',spltType:'str',arraySplt:1,arraySpltType:'len',stream:false,addname:'',property:'payload.x'},{x:[1,2]}), p('split',{splt:'\\n',spltType:'str',arraySplt:1,arraySpltType:'len',stream:false,addname:''},'',[],{},null,true),
  p('sort',{target:'payload',targetType:'msg',msgKey:'',msgKeyType:'elem',order:'ascending',as_num:false},['b','A','a','10','9'],'x',[null,1,'a']), of('sort',{target:'payload',targetType:'seq',order:'descending',as_num:false,seqKey:'$lowercase(payload)',seqKeyType:'jsonata'},sequence(['b','A','c']),100), p('sort',{target:'payload',targetType:'msg',msgKey:'$.a.b',msgKeyType:'jsonata',order:'descending',as_num:true},[{a:{b:1}},{a:{b:10}},{a:{b:2}}]),
  of('batch',{mode:'interval',interval:'0.05',count:1,overlap:0,allowEmptySequence:false,topics:[]},payloads([1,2]),90), of('batch',{mode:'count',count:2,overlap:0,topics:[]},[{payload:1},{reset:true},{payload:2},{payload:3}],50), of('batch',{mode:'count',count:2,overlap:0,honourParts:true,topics:[]},sequence([1,2,3]),50),
  p('csv',{...csvBase,temp:'a,b'},'1,2\n3,4',{a:1,b:2},[[1,2],[3,4]],5,''), p('csv',{...csvBase,multi:'mult',hdrin:true},'"a ""q""",b\n1,2\n\n3,"x\ny"'), p('csv',{...csvBase,temp:'a,,c'},'1,2,3'), p('csv',{...csvBase,hdrout:'all'},[{a:1,b:'x"y'},{b:2,c:null}]), p('csv',{...csvBase,spec:'rfc',multi:'mult',hdrin:true},'a,b\n1,"2\n3"\n','a,b\n1,"x'), p('csv',{...csvBase,sep:'\\t',multi:'mult'},'1\t2'),
  p('json',{property:'payload.x',action:'',pretty:false},{x:'{"a":1}'},{y:1}), p('json',{property:'payload',action:'str',pretty:false},null,'a',1.0,[1,{a:null}]),
  p('yaml',{property:'payload'},'- 1\n- ~\n- "2"\n- 2020-01-01\n- 0x1f\n- yes\n- true',{a:{b:[1,'x: y','']},d:'l1\nl2'},['a',[1]]), p('yaml',{property:'payload'},'a: &x {k: 1}\nb: *x\nc: |\n  t\n  u\nd: >-\n  f\n  g'),
  p('template',{field:'payload',fieldType:'msg',syntax:'mustache',template:'{{payload.a.0.b}} {{#payload.a}}{{b}}/{{/payload.a}} {{! c }}{{&payload.h}}'},{a:[{b:1},{b:2}],h:'<'}), p('template',{field:'payload',fieldType:'msg',syntax:'mustache',template:'{{=<% %>=}}<% payload %> {{x}}'},1), p('template',{field:'payload',fieldType:'msg',syntax:'mustache',template:'{{#payload}'},1), p('template',{field:'payload',fieldType:'msg',syntax:'mustache',output:'json',template:'{bad'},1), p('template',{field:'payload',fieldType:'msg',syntax:'mustache',template:'{{flow.x}}{{global.y}}{{env.NR_NODE_NAME}}'},1), of('template',{field:'payload',fieldType:'msg',syntax:'mustache',template:''},[{payload:1,template:'T {{payload}}'}]),
  p('range',{action:'scale',minin:'10',maxin:'0',minout:'0',maxout:'1',round:false},5,true,'',[1]), p('range',{action:'roll',minin:'5',maxin:'10',minout:'5',maxout:'10',round:true},3,11,10),
  p('rbe',{func:'rbe',gap:'',start:'',inout:'out',property:'payload'},null,0,'',[1],[1]), of('rbe',{func:'rbe',gap:'',start:'',inout:'out',property:'payload',septopics:true,topi:'topic'},[{topic:'a',payload:1},{topic:'a',reset:1},{topic:'a',payload:1}]), p('rbe',{func:'deadbandEq',gap:'5',start:'10',inout:'in',property:'payload'},12,15,20,21,'7a'), p('rbe',{func:'narrowbandEq',gap:'50%',start:'',inout:'out',property:'payload'},10,14,22,8),
]
