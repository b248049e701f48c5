//! What routers did with a message, on the terminal.

use std::fmt::Write;

use route_compiler::story::Told;

/// Columns of a message at the most.
const WIDTH: usize = 160;

/// One way through the chain of a wire, router by router.
pub(crate) fn told(told: &Told, messages: bool) -> String {
    let mut text = String::new();
    let runtime = if told.runtime.is_empty() { String::new() } else { format!("  on {}", told.runtime) };
    let after = told.after.as_ref().map_or(String::new(), |router| format!("  after `{router}`"));
    let _ = writeln!(text, "{} -> {}{runtime}{after}", told.from, told.to);
    if messages {
        let _ = writeln!(text, "  came    {}", cut(&told.came.to_string()));
    }
    for router in &told.routers {
        let layer = if router.layer == "main" { String::new() } else { format!("{}/", router.layer) };
        let mark = if router.ends {
            "x"
        } else if router.applies {
            "*"
        } else {
            " "
        };
        let _ = writeln!(text, "  {mark} {} {layer}{}: {}", router.kind, router.name, router.did);
        for because in &router.because {
            let _ = writeln!(text, "      {}", because.text());
        }
        for change in router.changes.iter().filter(|_| router.changes.len() > 1) {
            let _ = writeln!(text, "      {}", change.shown);
        }
        if let Some(copy) = router.copy.as_ref().filter(|_| messages) {
            let _ = writeln!(text, "      copy {}", cut(&copy.to_string()));
        }
    }
    if told.routers.is_empty() {
        let _ = writeln!(text, "    no router sits on this wire");
    }
    let _ = writeln!(text, "  {}", told.ended);
    if messages && told.left != told.came {
        let _ = writeln!(text, "  left    {}", cut(&told.left.to_string()));
    }
    text
}

/// A message short enough for a line.
pub(crate) fn cut(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}
