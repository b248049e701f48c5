// Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors
#pragma once

static const char *const TIME_UNITS[] = {
    "ms", "s", "m", "h", "d",
    NULL,
};

static const char *const SIZE_UNITS[] = {
    "B", "KiB", "MiB", "GiB", "TiB", "kB", "KB", "MB", "GB", "TB",
    NULL,
};

// Every word that is a token: first those that begin an item, then the others that no name may be, then those that some
// names may be.
#define ITEM_COUNT 22
#define ALWAYS_COUNT 34
#define RESERVED_COUNT 67
#define WORD_COUNT 115
static const char *const WORDS[WORD_COUNT] = {
    "stack", "use", "layer", "const", "param", "let", "predicate", "schema", "carry", "runtime", "place", "filter",
    "halt", "tap", "break", "remote", "set", "redirect", "limit", "call", "test", "allow", "on", "when", "in", "or",
    "and", "not", "is", "matches", "contains", "true", "false", "null", "keep", "drop", "reason", "as", "to", "omit",
    "only", "every", "at", "burst", "per", "full", "hits", "hold", "for", "then", "log", "unreachable", "ttl", "ack",
    "delete", "distinct", "by", "within", "over", "has", "cidr", "send", "expect", "times", "where", "stub", "advance",
    "error", "most", "block", "pass", "spool", "stored", "delivered", "fault", "one", "of", "hash", "round", "robin",
    "latency", "order", "rotate", "stdout", "stream", "file", "nats", "mqtt", "zenoh", "otlp", "counter", "durable",
    "tags", "node", "tab", "group", "subflow", "type", "id", "upstream", "downstream", "next", "except", "starts",
    "ends", "with", "no", "held", "stopped", "sent", "redirected", "nothing", "msg", "source", "dest",
};
