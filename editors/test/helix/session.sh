#!/usr/bin/env bash
# Run by ../run.sh: Route in Helix, asserted. Leaves with 1 when something fails.
set -euo pipefail
failed=0

# After one that failed the others would only wait in vain.
check() { # NAME COMMAND...
  [ $failed = 0 ] || return 0
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then echo "ok helix: $name"; else
    failed=1
    printf 'FAILED helix: %s\n%s\n' "$name" "$said"
  fi
}

config="$XDG_CONFIG_HOME/helix"

# The lines of the README.
install() {
  mkdir -p "$config/runtime/grammars"
  sed "s|ROUTE|$(dirname "$ROUTE_EDITORS")|" "$ROUTE_EDITORS/helix/languages.toml" >>"$config/languages.toml"
  cp -r "$ROUTE_EDITORS/helix/runtime" "$config/"
  # Helix builds every grammar that it knows the source of; this keeps it to ours.
  printf '%s\n' 'use-grammars = { only = ["route"] }' | cat - "$config/languages.toml" >"$config/languages.toml.new"
  mv "$config/languages.toml.new" "$config/languages.toml"
  hx --grammar build
  [ -f "$config/runtime/grammars/route.so" ]
}

healthy() {
  local said
  said=$(hx --health route | sed 's/\x1b\[[0-9;]*m//g')
  echo "$said"
  for line in 'routec: ' 'Tree-sitter parser: ✓' 'Highlight queries: ✓' 'Textobject queries: ✓' 'Indent queries: ✓'; do
    grep -qF "$line" <<<"$said" || { echo "no '$line'"; return 1; }
  done
  ! grep -q '✘.*routec\|routec.*not found' <<<"$said"
}

session="route-$$"
tm() { tmux -L "$session" -f /dev/null "$@"; }
screen() { tm capture-pane -p -e -t "$session"; }

# Waits until the screen has a text, which it must within ten seconds.
shows() { # TEXT
  local end=$((SECONDS + 10))
  until screen | sed 's/\x1b\[[0-9;:]*m//g' | grep -qF "$1"; do
    [ $SECONDS -lt $end ] || { echo "waited in vain for '$1'"; screen; return 1; }
    read -rt 0.05 <> <(:) || true
  done
}

open() {
  printf '[editor]\nend-of-line-diagnostics = "hint"\n' >"$config/config.toml"
  tm new-session -d -s "$session" -x 110 -y 70 -c "$ROUTE_WORK/greenhouse" \
    env TERM=tmux-256color COLORTERM=truecolor hx greenhouse.route
  shows 'stack greenhouse'
}

# The colour of the text after an escape, which differs between a keyword, a name and a text.
colours() {
  local line keyword name text
  line=$(screen | grep -F 'too_hot' | grep -F 'predicate' | head -n 1)
  keyword=$(grep -o $'\x1b\\[[0-9;:]*mpredicate' <<<"$line") || { echo "no keyword in: $line"; return 1; }
  name=$(grep -o $'\x1b\\[[0-9;:]*mtoo_hot' <<<"$line") || { echo "no name in: $line"; return 1; }
  [ "${keyword%m*}" != "${name%m*}" ]
}

finds() {
  # A new last line: an unknown name.
  tm send-keys -t "$session" g e o 'halt x on "Nowhere" -> *' Escape
  shows 'no node is named'
}

# A save formats.
formats() {
  tm send-keys -t "$session" u g e o 'let   everything=*' Escape ':w' Enter
  shows 'let everything = *'
  shows 'written'
  routec fmt --check "$ROUTE_WORK/greenhouse/greenhouse.route"
}

trap 'tm kill-server 2>/dev/null || true' EXIT
check "installs" install
check "is healthy" healthy
if command -v tmux >/dev/null; then
  check "opens a stack" open
  check "colours it" colours
  check "shows findings" finds
  check "formats" formats
else
  echo "skipped: helix on a terminal, since tmux is not installed" >&2
fi
exit $failed
