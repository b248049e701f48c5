#!/usr/bin/env bash
# A session in a real editor: VS Code itself, as npm's code-server, in Chromium, with the extension as users install it.
# Needs Node.js (20 or newer), npm, a C++ compiler and Python for npm's native modules; installs Chromium and ripgrep on Debian.
#   ROUTEC=path   the routec to use; otherwise target/debug/routec of this checkout, which is built when it is not there
#   CHROMIUM=path the browser; otherwise `chromium` of the PATH
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
extension=$root/editors/vscode

want() { # program package
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || { echo "error: $1 is not installed" >&2; exit 2; }
  apt-get update -qq && apt-get install -y -qq "$2"
}
if ! node -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)' 2>/dev/null; then
  echo "error: Node.js 20 or newer is needed" >&2
  exit 2
fi
[ -n "${CHROMIUM:-}" ] || want chromium chromium
want rg ripgrep
want c++ g++
want make make
want python3 python3

if [ -z "${ROUTEC:-}" ]; then
  [ -x "$root/target/debug/routec" ] || (cd "$root" && cargo build -p routec --locked)
  ROUTEC=$root/target/debug/routec
fi

# The editor, once.
[ -f node_modules/.package-lock.json ] || npm ci
vscode=node_modules/code-server/lib/vscode
if [ ! -f "$vscode/node_modules/node-pty/build/Release/pty.node" ]; then
  (cd "$vscode" && npm install --omit=dev --ignore-scripts --no-fund --no-audit)
  (cd "$vscode/extensions" && npm install --omit=dev --ignore-scripts --no-fund --no-audit)
  (cd "$vscode" && npm rebuild @vscode/spdlog native-watchdog @parcel/watcher --ignore-scripts=false)
  # What comes after its compilation wants a tool that is not there, and is not needed.
  (cd "$vscode" && npm rebuild node-pty --ignore-scripts=false >node-pty.log 2>&1) || [ -f "$vscode/node_modules/node-pty/build/Release/pty.node" ] || { cat "$vscode/node-pty.log" >&2; exit 1; }
  mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
  ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
fi

# The extension, as it is now.
(cd "$extension" && { [ -f node_modules/.package-lock.json ] || npm ci; } && npm run --silent package)

export ROUTEC CHROMIUM="${CHROMIUM:-$(command -v chromium)}"
exec node session.mjs "$extension/route-language.vsix" "$root"
