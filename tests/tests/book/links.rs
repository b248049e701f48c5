//! Links lead somewhere: to a file of the repository, and to a heading that it has. Pages of the book link to pages of
//! the book alone, so that no link of the built book is dead.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::pages::{Page, root};

/// What is wrong with the links of all pages.
pub(crate) fn check(pages: &[Page]) -> Vec<String> {
    let mut wrong = Vec::new();
    for page in pages {
        for (line, link) in &page.links {
            if let Err(why) = one(page, link, pages) {
                wrong.push(format!("{}:{line}: `{link}`: {why}", page.path));
            }
        }
    }
    wrong
}

fn one(page: &Page, link: &str, pages: &[Page]) -> Result<(), String> {
    let absolute = ["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
    if absolute || link.is_empty() {
        return Ok(());
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
    let target = if path.is_empty() { PathBuf::from(&page.path) } else { normal(&folder.join(path)) };
    if page.in_book() && !target.starts_with("docs/src") {
        return Err("it leads out of the book, which does not take that file along".to_owned());
    }
    if !root().join(&target).exists() {
        return Err(format!("there is no `{}`", target.display()));
    }
    let Some(anchor) = anchor else { return Ok(()) };
    let name = target.to_string_lossy().replace('\\', "/");
    let Some(found) = pages.iter().find(|page| page.path == name) else { return Ok(()) };
    if found.anchors.iter().any(|known| known == anchor) {
        return Ok(());
    }
    Err(format!("`{name}` has no heading `#{anchor}`; it has {}", found.anchors.join(", ")))
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Pages of the book that `SUMMARY.md` does not list, and those that it lists twice.
pub(crate) fn summary(pages: &[Page]) -> Vec<String> {
    let Some(summary) = pages.iter().find(|page| page.path == "docs/src/SUMMARY.md") else {
        return vec!["there is no docs/src/SUMMARY.md".to_owned()];
    };
    let mut listed = BTreeSet::new();
    let mut wrong = Vec::new();
    for (line, link) in &summary.links {
        if !listed.insert(format!("docs/src/{}", link.trim_start_matches("./"))) {
            wrong.push(format!("docs/src/SUMMARY.md:{line}: `{link}` is listed twice"));
        }
    }
    let in_book = pages.iter().filter(|page| page.in_book() && page.path != summary.path);
    let left_out = in_book.filter(|page| !listed.contains(&page.path));
    wrong.extend(left_out.map(|page| format!("docs/src/SUMMARY.md does not list `{}`", page.path)));
    wrong
}
