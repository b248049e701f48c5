#!/usr/bin/env bash
# Runs the sessions of run.sh in Debian trixie's editors (Neovim 0.10, Helix 25.01, Emacs 30, Vim 9.1), for a host that has none or
# older ones: trixie.sh FOLDER. Needs root and debootstrap; FOLDER, some 700 MB, is kept for the next time.
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "error: a chroot takes root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "error: install debootstrap first" >&2; exit 2; }
mkdir -p "$1"
into=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
routec=$(realpath "${ROUTEC:-$root/target/debug/routec}")
[ -x "$routec" ] || { echo "error: no $routec: run 'cargo build -p routec' first, or set ROUTEC" >&2; exit 2; }

[ -e "$into/etc/debian_version" ] || debootstrap --variant=minbase trixie "$into"
mounts=()
unmount() { for at in "${mounts[@]}"; do umount "$at"; done; }
trap unmount EXIT
bind() { # KIND FROM TO
  mkdir -p "$into$3"
  mount "$1" "$2" "$into$3"
  mounts=("$into$3" "${mounts[@]}")
}
bind --bind "$root" /route
bind --bind /dev /dev
bind -tdevpts devpts /dev/pts
bind -tproc proc /proc
install -D "$routec" "$into/usr/local/bin/routec"
chroot "$into" sh -ec '
  export DEBIAN_FRONTEND=noninteractive
  for program in nvim hx emacs vim tmux tree-sitter c++ git; do
    command -v $program >/dev/null || missing=$program
  done
  if [ -n "${missing-}" ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends neovim hx emacs-nox vim-nox tmux tree-sitter-cli g++ libc6-dev git
  fi'
chroot "$into" env ROUTEC=/usr/local/bin/routec LANG=C.UTF-8 bash -ec '
  cd /route/editors/tree-sitter
  HOME=$(mktemp -d) tree-sitter test
  /route/editors/test/run.sh --need vim --need neovim --need emacs --need helix'
