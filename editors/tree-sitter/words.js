// Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors
module.exports = {
  always: [
    'stack', 'use', 'layer', 'const', 'param', 'let', 'predicate', 'schema', 'carry', 'runtime', 'place', 'filter',
    'halt', 'tap', 'break', 'remote', 'set', 'redirect', 'limit', 'call', 'test', 'allow', 'on', 'when', 'in', 'or',
    'and', 'not', 'is', 'matches', 'contains', 'true', 'false', 'null',
  ],
  soft: [
    'keep', 'drop', 'reason', 'as', 'to', 'omit', 'only', 'every', 'at', 'burst', 'per', 'full', 'hits', 'hold', 'for',
    'then', 'log', 'unreachable', 'ttl', 'ack', 'delete', 'distinct', 'by', 'within', 'over', 'has', 'cidr', 'send',
    'expect', 'times', 'where', 'stub', 'advance',
  ],
  other: [
    'error', 'most', 'block', 'pass', 'spool', 'stored', 'delivered', 'fault', 'one', 'of', 'hash', 'round', 'robin',
    'latency', 'order', 'rotate', 'stdout', 'stream', 'file', 'nats', 'mqtt', 'zenoh', 'otlp', 'counter', 'durable',
    'tags', 'node', 'tab', 'group', 'subflow', 'type', 'id', 'upstream', 'downstream', 'next', 'except', 'starts',
    'ends', 'with', 'no', 'held', 'stopped', 'sent', 'redirected', 'nothing',
  ],
  roots: [
    'msg', 'source', 'dest',
  ],
};
