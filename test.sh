#!/usr/bin/env bash
# Passes every test; needs Rust (rustup's toolchain with clippy and rustfmt), and C and C++ compilers and Node.js (18 or newer), which it installs on Debian; there as root it installs Vim and Emacs, too, and runs the stacks in them.
set -euo pipefail
cd "$(dirname "$0")"
command -v cargo >/dev/null || { echo "error: cargo is not installed: see https://rustup.rs" >&2; exit 2; }
if ! { command -v cc && command -v c++; } >/dev/null && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq gcc g++ libc6-dev
fi
if ! command -v node >/dev/null && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq nodejs
fi
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
# With the features that tests ask for, so that nothing is built twice.
cargo build --workspace --lib --bins --tests --examples --locked
# They compare with the compiler that was just built, wherever that is.
export ROUTEC="${CARGO_TARGET_DIR:-$PWD/target}/debug/routec"
if node -e 'process.exit(parseInt(process.versions.node, 10) < 18 ? 1 : 0)' 2>/dev/null; then
  (cd runtime/node-red && npm test --silent)
else
  echo "skipped: the tests of runtime/node-red need Node.js 18 or newer" >&2
fi
# Before the tests of Rust: those of the TextMate grammar use what is installed here.
if ! node -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)' 2>/dev/null; then
  echo "skipped: the tests of editors/vscode need Node.js 20 or newer" >&2
elif ! command -v npm >/dev/null; then
  echo "skipped: the tests of editors/vscode need npm" >&2
else
  (cd editors/vscode && npm ci && npm test)
fi
# Editors, of which Debian has Vim and Emacs in versions that will do; editors/test/trixie.sh runs the others.
needed=()
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  if ! { command -v vim && command -v emacs; } >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends vim emacs-nox
  fi
  needed=(--need vim --need emacs)
fi
editors/test/run.sh "${needed[@]}" neovim helix
cargo test --workspace --locked
# The fuzz targets are a workspace of their own; here they are only built, `fuzz/run.sh` runs them.
cargo check --manifest-path fuzz/Cargo.toml --locked --target-dir target/fuzz
