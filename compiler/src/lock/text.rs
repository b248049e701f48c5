//! The lock file as JSON: a line for each thing that is written down, so that a difference reads well.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Lock, Locked, LockedWire, Named, Wires};

/// The only version that there is.
const VERSION: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    stacks: BTreeMap<String, Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(default)]
    named: Vec<Entry>,
    #[serde(default)]
    wires: BTreeMap<String, Listed>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: String,
    name: String,
    id: String,
    #[serde(rename = "type", default, skip_serializing_if = "String::is_empty")]
    ty: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    tab: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    from: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Many(usize),
    Each(Vec<(String, u32, String, String)>),
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    /// When it is no lock file, or one of another version; in words.
    pub fn read(text: &str) -> Result<Self, String> {
        if let Ok(Json::Object(fields)) = serde_json::from_str(text)
            && let Some(version) = fields.get("version")
            && version != VERSION
        {
            return Err(format!("it has version {version}, this program reads version {VERSION}"));
        }
        let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
        debug_assert_eq!(file.version, VERSION);
        let stacks = file.stacks.into_iter().map(|(name, section)| (name, section.into()));
        Ok(Self { stacks: stacks.collect() })
    }
}

impl From<Section> for Locked {
    fn from(section: Section) -> Self {
        let named = section.named.into_iter().map(|e| Named {
            kind: e.kind,
            name: e.name,
            id: e.id,
            ty: e.ty,
            tab: e.tab,
            from: e.from,
            to: e.to,
        });
        let wires = section.wires.into_iter().map(|(router, listed)| {
            let wires = match listed {
                Listed::Many(count) => Wires::Many(count),
                Listed::Each(wires) => Wires::Each(
                    wires
                        .into_iter()
                        .map(|(from, port, to, shown)| LockedWire { from, port, to, shown })
                        .collect(),
                ),
            };
            (router, wires)
        });
        Self { named: named.collect(), wires: wires.collect() }
    }
}

/// The text of the file.
impl std::fmt::Display for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{\n  \"version\": {VERSION},\n  \"stacks\": {{")?;
        for (at, (name, locked)) in self.stacks.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}\n    {}: {}", json(name), section(locked))?;
        }
        f.write_str(if self.stacks.is_empty() { "}\n}\n" } else { "\n  }\n}\n" })
    }
}

fn section(locked: &Locked) -> String {
    let named = locked.named.iter().map(|named| {
        let entry = Entry {
            kind: named.kind.clone(),
            name: named.name.clone(),
            id: named.id.clone(),
            ty: named.ty.clone(),
            tab: named.tab.clone(),
            from: named.from.clone(),
            to: named.to.clone(),
        };
        json(&entry)
    });
    let wires = locked.wires.iter().map(|(router, wires)| {
        let listed = match wires {
            Wires::Many(count) => count.to_string(),
            Wires::Each(wires) => {
                let wire = |w: &LockedWire| json(&(&w.from, w.port, &w.to, &w.shown));
                list(wires.iter().map(wire), 10, ('[', ']'))
            }
        };
        format!("{}: {listed}", json(router))
    });
    let (named, wires) = (list(named, 8, ('[', ']')), list(wires, 8, ('{', '}')));
    format!("{{\n      \"named\": {named},\n      \"wires\": {wires}\n    }}")
}

/// Each item on a line of its own, moved in.
fn list(items: impl Iterator<Item = String>, indent: usize, (open, close): (char, char)) -> String {
    let mut text = String::from(open);
    let mut any = false;
    for item in items {
        let comma = if any { "," } else { "" };
        let _ = write!(text, "{comma}\n{:indent$}{item}", "");
        any = true;
    }
    if any {
        let _ = write!(text, "\n{:1$}", "", indent - 2);
    }
    text.push(close);
    text
}

/// Texts, numbers and lists of them: writing them as JSON cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
