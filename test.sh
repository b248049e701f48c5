#!/usr/bin/env bash
# Passes every test; needs Rust (rustup's toolchain with clippy and rustfmt) and a C compiler, which it installs on Debian.
set -euo pipefail
cd "$(dirname "$0")"
command -v cargo >/dev/null || { echo "error: cargo is not installed: see https://rustup.rs" >&2; exit 2; }
if ! command -v cc >/dev/null && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq gcc libc6-dev
fi
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
cargo build --workspace --locked
cargo test --workspace --locked
