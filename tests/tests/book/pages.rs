//! The pages of this repository: every Markdown file, with its code blocks, links and headings.

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// A Markdown file.
pub(crate) struct Page {
    /// As seen from the root, with `/`.
    pub(crate) path: String,
    /// As it stands in the file.
    pub(crate) raw: String,
    /// Fenced blocks in order.
    pub(crate) blocks: Vec<Block>,
    /// Targets of links and images with their lines.
    pub(crate) links: Vec<(usize, String)>,
    /// Code within sentences, with its lines.
    pub(crate) codes: Vec<(usize, String)>,
    /// What a link may name after `#`.
    pub(crate) anchors: Vec<String>,
}

/// A fenced block.
#[derive(Clone)]
pub(crate) struct Block {
    /// Line of the fence, from 1, after files were included.
    pub(crate) line: usize,
    /// The first word after the fence.
    pub(crate) lang: String,
    /// The words after it, split at commas: `flow=greenhouse`, `fails=R1001`.
    attrs: Vec<String>,
    /// The lines of the block as they stand there.
    pub(crate) text: String,
}

impl Block {
    /// The value of an attribute; empty for a word without `=`.
    pub(crate) fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find_map(|attr| {
            let (key, value) = attr.split_once('=').unwrap_or((attr, ""));
            (key == name).then_some(value)
        })
    }

    /// Attributes that are not among these.
    pub(crate) fn unknown<'b>(&'b self, known: &[&str]) -> Option<&'b str> {
        let key = |attr: &'b String| attr.split('=').next().unwrap_or_default();
        self.attrs.iter().map(key).find(|key| !known.contains(key))
    }
}

/// Every page of the repository, ascending by path.
pub(crate) fn all() -> Vec<Page> {
    let mut paths = Vec::new();
    collect(&root(), &mut paths);
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    const LEFT_OUT: [&str; 5] = ["target", "node_modules", "corpus", "artifacts", "out"];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !LEFT_OUT.contains(&name.as_ref()) {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|x| x == "md") {
            found.push(path);
        }
    }
}

impl Page {
    pub(crate) fn read(path: &Path) -> Self {
        let raw = fs::read_to_string(path).unwrap();
        let shown = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let mut page = Page {
            path: shown,
            blocks: Vec::new(),
            links: Vec::new(),
            codes: Vec::new(),
            anchors: Vec::new(),
            raw: raw.clone(),
        };
        page.parse(&included(&raw, path.parent().unwrap()));
        page
    }

    fn parse(&mut self, text: &str) {
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let (mut block, mut heading) = (None::<Block>, None::<String>);
        for (event, place) in Parser::new_ext(text, options).into_offset_iter() {
            if let Event::Code(code) = &event {
                self.codes.push((line(place.start), code.to_string()));
            }
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let mut words = info.split(',').map(|word| word.trim().to_owned());
                    block = Some(Block {
                        line: line(place.start),
                        lang: words.next().unwrap_or_default(),
                        attrs: words.collect(),
                        text: String::new(),
                    });
                }
                Event::End(TagEnd::CodeBlock) => self.blocks.extend(block.take()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = heading.take().map(|text| anchor(&text)).unwrap_or_default();
                    let again = self.anchors.iter().filter(|known| **known == anchor).count();
                    self.anchors.push(if again > 0 { format!("{anchor}-{again}") } else { anchor });
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    self.links.push((line(place.start), dest_url.into_string()));
                }
                Event::Text(text) | Event::Code(text) => match (&mut block, &mut heading) {
                    (Some(block), _) => block.text += &text,
                    (None, Some(heading)) => *heading += &text,
                    (None, None) => {}
                },
                _ => {}
            }
        }
    }

    /// Whether it is a page of the book.
    pub(crate) fn in_book(&self) -> bool {
        self.path.starts_with("docs/src/")
    }
}

/// The text with every `{{#include PATH}}` line replaced by that file, as mdBook does.
fn included(text: &str, folder: &Path) -> String {
    let line = |line: &str| {
        let path = line.trim().strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}"));
        match path {
            Some(path) => {
                let path = folder.join(path.trim());
                let read = fs::read_to_string(&path);
                read.unwrap_or_else(|e| panic!("`{}` is included: {e}", path.display()))
            }
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// The name of a heading in links.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let fit =
        heading.trim().to_lowercase().chars().map(|c| if c == ' ' { '-' } else { c }).collect::<String>();
    fit.chars().filter(|c| kept(*c)).collect()
}
