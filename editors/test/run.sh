#!/usr/bin/env bash
# Runs Route in real editors: run.sh [--need EDITOR]... [EDITOR]...
# EDITOR is vim, neovim, emacs or helix; all of them when none is named. One that is not installed, or too old, is skipped
# with a word, but a needed one fails. ROUTEC is the binary to use, else the one of the debug build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ROUTE_EDITORS=$(dirname "$here")
root=$(dirname "$ROUTE_EDITORS")
export ROUTE_EDITORS
needed=() editors=()
while [ $# -gt 0 ]; do
  case $1 in
    --need) needed+=("$2"); editors+=("$2"); shift 2 ;;
    vim | neovim | emacs | helix) editors+=("$1"); shift ;;
    *) echo "usage: $0 [--need EDITOR]... [EDITOR]...  (vim, neovim, emacs, helix)" >&2; exit 2 ;;
  esac
done
[ ${#editors[@]} -gt 0 ] || editors=(vim neovim emacs helix)
ROUTEC=${ROUTEC:-$root/target/debug/routec}
[ -x "$ROUTEC" ] || { echo "error: no $ROUTEC: run 'cargo build -p routec' first, or set ROUTEC" >&2; exit 2; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$(realpath "$ROUTEC")" "$scratch/bin/routec"
export PATH="$scratch/bin:$PATH" HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home/config" XDG_DATA_HOME="$scratch/home/data" \
  XDG_STATE_HOME="$scratch/home/state" XDG_CACHE_HOME="$scratch/home/cache"
mkdir -p "$HOME"

# Copies of the examples, and a text with every kind of broken line, for each editor anew.
work() {
  export ROUTE_WORK="$scratch/work-$1"
  rm -rf "$ROUTE_WORK"
  cp -r "$root/examples" "$ROUTE_WORK"
  # The state of runtimes that ran there: an editor would look for the runtime that it names.
  find "$ROUTE_WORK" -name .route -prune -exec rm -r {} +
  sed -e '1,/^---$/d' "$root/grammar/tests/snapshots/formatting__long_lines_are_broken_where_they_are_loosest.snap" \
    >"$ROUTE_WORK/long.route"
}

# Whether a program is there and its version is at least that one.
new_enough() { # PROGRAM VERSION WANTED
  [ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1)" = "$3" ]
}

run_vim() {
  command -v vim >/dev/null || return 77
  timeout 120 vim -es --not-a-term -i NONE -u NONE -S "$here/vim/session.vim" </dev/null
}

run_neovim() {
  command -v nvim >/dev/null || return 77
  new_enough nvim "$(nvim --version | sed -n '1s/NVIM v//p')" 0.10 || { echo "neovim is older than 0.10"; return 77; }
  timeout 300 nvim --headless -u NONE -i NONE -l "$here/neovim/session.lua"
}

run_emacs() {
  command -v emacs >/dev/null || return 77
  timeout 120 emacs --batch -Q -l "$here/emacs/session.el" </dev/null
}

run_helix() {
  command -v hx >/dev/null || return 77
  timeout 300 "$here/helix/session.sh"
}

failed=() skipped=()
for editor in "${editors[@]}"; do
  work "$editor"
  status=0
  "run_$editor" || status=$?
  case $status in
    0) ;;
    77) echo "skipped: $editor is not installed, or too old" >&2; skipped+=("$editor") ;;
    *) failed+=("$editor") ;;
  esac
  for need in "${needed[@]}"; do
    [ "$status" != 77 ] || [ "$need" != "$editor" ] || failed+=("$editor")
  done
done
echo "$((${#editors[@]} - ${#failed[@]} - ${#skipped[@]})) passed, ${#failed[@]} failed, ${#skipped[@]} skipped"
[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
