//! The page of all commands, written from what `routec` says of itself, and the commands that pages name.

use std::collections::BTreeMap;
use std::process::Command;

use route_tests::routec_path;

use crate::pages::Page;
use crate::transcripts;

/// What `routec … -h` or `--help` prints.
fn help(words: &[&str], flag: &str) -> Option<String> {
    let output = Command::new(routec_path())
        .args(words)
        .arg(flag)
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().map(|line| format!("{}\n", line.trim_end())).collect())
}

/// The commands below `words`, each with what it is for.
fn below(words: &[&str]) -> Vec<(String, String)> {
    let text = help(words, "--help").unwrap_or_default();
    let list =
        text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let mut found: Vec<(String, String)> = Vec::new();
    for line in list {
        match (line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')), found.last_mut()) {
            (Some(rest), _) => {
                let (name, about) = rest.split_once(' ').unwrap_or((rest, ""));
                found.push((name.to_owned(), about.trim().to_owned()));
            }
            (None, Some((_, about))) => *about += &format!(" {}", line.trim()),
            (None, None) => {}
        }
    }
    found.retain(|(name, _)| name != "help");
    found
}

/// `docs/src/reference/commands.md`
pub(crate) fn page() -> String {
    let commands = below(&[]);
    let mut out = String::from(
        "<!-- Written from the command line's own help: UPDATE=1 cargo test -p route-tests --test book -->\n\n# Commands\n\n\
         Exit status of every command: 0 clean, 1 findings, 2 wrong use or unreadable input; `plan --detailed-exitcode` says \
         otherwise. A *stack* is a `.route` file, or a folder with one.\n\n| command | what it does |\n| --- | --- |\n",
    );
    for (name, about) in &commands {
        out += &format!("| [`routec {name}`](#routec-{name}) | {about} |\n");
    }
    for (name, _) in &commands {
        let mut ways = vec![vec![name.clone()]];
        ways.extend(below(&[name]).into_iter().map(|(sub, _)| vec![name.clone(), sub]));
        for words in ways {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let text = help(&words, "-h").unwrap_or_default();
            let level = if words.len() == 1 { "##" } else { "###" };
            out += &format!("\n{level} routec {}\n\n```text\n{}\n```\n", words.join(" "), text.trim_end());
        }
    }
    out
}

/// Commands and options that pages name and `routec` does not have.
pub(crate) fn unknown(pages: &[Page]) -> Vec<String> {
    let mut known = BTreeMap::new();
    let mut wrong = Vec::new();
    for page in pages {
        for (line, code) in page.codes.iter().filter(|(_, code)| code.starts_with("routec ")) {
            let why = one(code, &mut known);
            wrong.extend(why.map(|why| format!("{}:{line}: `{code}`: {why}", page.path)));
        }
        for block in
            page.blocks.iter().filter(|b| ["sh", "console", "yaml", "bash"].contains(&b.lang.as_str()))
        {
            let lines: Vec<String> = match block.lang.as_str() {
                "console" => {
                    transcripts::commands(&block.text).into_iter().map(|(command, _)| command).collect()
                }
                _ => block.text.lines().map(str::to_owned).collect(),
            };
            for line in lines {
                if let Some(why) = one(&line, &mut known) {
                    wrong.push(format!("{}:{}: `{}`: {why}", page.path, block.line, line.trim()));
                }
            }
        }
    }
    wrong
}

fn one(line: &str, known: &mut BTreeMap<String, Option<String>>) -> Option<String> {
    let line = line.split(" #").next().unwrap_or_default();
    let (_, args) =
        line.split_once("routec ").filter(|(before, _)| !before.ends_with(['/', '-', '.', '"']))?;
    let words: Vec<&str> =
        args.split_whitespace().take_while(|word| !["|", ">", "&&", ";"].contains(word)).collect();
    let name = words.first()?.trim_matches(|c| c == '`' || c == '"');
    if !name.chars().all(|c| c.is_ascii_lowercase()) {
        return None;
    }
    let mut get = |path: &[&str]| known.entry(path.join(" ")).or_insert_with(|| help(path, "--help")).clone();
    let Some(mut text) = get(&[name]) else { return Some(format!("there is no command `{name}`")) };
    if let Some(sub) = words.get(1).filter(|_| text.contains("\nCommands:")) {
        match get(&[name, sub]) {
            Some(more) => text += &more,
            None => return Some(format!("`{name}` has no command `{sub}`")),
        }
    }
    let option = |word: &&str| word.starts_with("--") && word.len() > 2;
    let has = |word: &str| {
        let word = word.split('=').next().unwrap_or(word);
        text.split(|c: char| c.is_whitespace() || c == ',' || c == '[' || c == ']').any(|known| known == word)
    };
    let missing = words.iter().copied().filter(option).find(|word| !has(word))?;
    Some(format!("`{name}` has no option `{missing}`"))
}
