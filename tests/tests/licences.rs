//! Every crate that is pulled in has a licence that `deny.toml` lets in; cargo-deny reads the same file.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, Licensee};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// What is downloaded for this platform; crates of others are not there to be looked at.
fn packages() -> Vec<Value> {
    let version = run(&std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()), &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let args = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host];
    let metadata: Value = serde_json::from_str(&run(env!("CARGO"), &args)).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn licensees(of: &toml::Value) -> Vec<Licensee> {
    of.as_array().unwrap().iter().map(|name| Licensee::parse(name.as_str().unwrap()).unwrap()).collect()
}

#[test]
fn every_licence_is_let_in() {
    let deny: toml::Value =
        toml::from_str(&std::fs::read_to_string(root().join("deny.toml")).unwrap()).unwrap();
    let allowed = licensees(&deny["licenses"]["allow"]);
    let packages = packages();
    assert!(packages.len() > 100, "only {} crates found", packages.len());
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let mut fits = allowed.clone();
        for exception in deny["licenses"]["exceptions"].as_array().unwrap() {
            if exception["crate"].as_str() == Some(name) {
                fits.extend(licensees(&exception["allow"]));
            }
        }
        let text = package["license"].as_str().unwrap_or_default();
        let met = Expression::parse_mode(text, spdx::ParseMode::LAX)
            .is_ok_and(|licence| licence.evaluate(|need| fits.iter().any(|one| one.satisfies(need))));
        if !met {
            faults.push(format!("`{name}` is under `{text}`"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
