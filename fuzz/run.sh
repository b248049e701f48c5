#!/usr/bin/env bash
# Runs every fuzz target for so many seconds each: `fuzz/run.sh 60`. Needs cargo-fuzz and a C++ compiler; no nightly, as no
# sanitizer is asked for: there is no unsafe code to look into.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
mkdir -p corpus/{parser,formatter,compiler,flows,chain}
find .. -type f -name '*.route' -not -path '*/target/*' -not -path './*' | while read -r file; do
  for target in parser formatter compiler; do cp "$file" "corpus/$target/$(echo "$file" | tr '/' '_')"; done
done
find ../examples ../tests ../compiler -type f -name '*flows.json' -not -path '*/target/*' -not -path '*/node_modules/*' | while read -r file; do
  cp "$file" "corpus/flows/$(echo "$file" | tr '/' '_')"
done
cp seeds/*.json corpus/chain/
for target in parser formatter flows chain compiler; do
  dict=()
  case $target in parser | formatter | compiler) dict=(-dict=route.dict) ;; esac
  cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=4096 "${dict[@]}"
done
