;;; route-words.el --- Words of the Route language  -*- lexical-binding: t; -*-

;;; Commentary:

;; Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors

;;; Code:

(defconst route-words-items
  '("stack" "use" "layer" "const" "param" "let" "predicate" "schema" "carry" "runtime" "place" "test" "allow")
  "Words that begin an item.")

(defconst route-words-routers
  '("filter" "halt" "tap" "break" "remote" "set" "redirect" "limit" "call")
  "Words that begin a router.")

(defconst route-words-clauses
  '("on" "when" "keep" "drop" "reason" "as" "error" "to" "omit" "only" "every" "at" "most" "burst" "per" "full" "block" "hits" "hold" "for" "then" "pass" "log" "unreachable" "spool" "ttl" "ack" "stored" "delivered" "delete" "distinct" "by" "within" "over" "fault" "one" "of" "hash" "round" "robin" "latency" "order" "rotate" "durable" "tags")
  "Words of clauses.")

(defconst route-words-sinks
  '("stdout" "stream" "file" "nats" "mqtt" "zenoh" "otlp" "counter")
  "Words that name a sink or transport.")

(defconst route-words-selectors
  '("node" "tab" "group" "subflow" "type" "id" "upstream" "downstream" "next" "except")
  "Words that select nodes.")

(defconst route-words-operators
  '("in" "or" "and" "not" "is" "matches" "contains" "starts" "ends" "with" "has" "cidr")
  "Operators written as words.")

(defconst route-words-literals
  '("true" "false" "null")
  "Literals.")

(defconst route-words-steps
  '("send" "expect" "no" "held" "stopped" "sent" "redirected" "nothing" "times" "where" "stub" "advance")
  "Words of tests.")

(defconst route-words-functions
  '("len" "lower" "upper" "trim" "abs" "min" "max" "round" "hash" "size" "ip" "sample")
  "Functions of expressions.")

(defconst route-words-roots
  '("msg" "source" "dest")
  "Where paths begin.")

(defconst route-words-types
  '("number" "string" "bool" "object" "list" "null" "bytes" "any" "duration" "size" "rate")
  "Types of values.")

(defconst route-words-units
  '("ms" "s" "m" "h" "d" "B" "KiB" "MiB" "GiB" "TiB" "kB" "KB" "MB" "GB" "TB")
  "Units of numbers.")

(provide 'route-words)
;;; route-words.el ends here
