//! A stack that was written for quite another flow: said once, at the first of the names that this one does not have.

use route_grammar::Diagnostic;
use route_grammar::ast::Kind;
use rustc_hash::FxHashSet;

use super::names::{unknown_group, unknown_id, unknown_node, unknown_subflow, unknown_tab};
use crate::DEPLOYED;

/// Fewer may be slips.
const MANY: usize = 3;

/// What came of the names that selectors have for nodes, tabs, groups and subflows. Types are left out: every flow has a `debug`.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// Some name is there.
    known: bool,
    unknown: FxHashSet<(Kind, String)>,
}

impl Met {
    pub(crate) fn known(&mut self, kind: Kind) {
        self.known |= kind != Kind::Type;
    }

    pub(crate) fn unknown(&mut self, kind: Kind, name: &str) {
        if kind != Kind::Type {
            self.unknown.insert((kind, name.to_owned()));
        }
    }

    /// Asks at the first finding whether this is the stack's flow, when nothing that it names is there.
    pub(crate) fn tell(&self, flows: &str, diagnostics: &mut [Diagnostic]) {
        if self.known || self.unknown.len() < MANY {
            return;
        }
        let rules = [
            unknown_node::RULE,
            unknown_tab::RULE,
            unknown_group::RULE,
            unknown_subflow::RULE,
            unknown_id::RULE,
        ];
        let Some(first) = diagnostics.iter_mut().find(|d| rules.contains(&d.rule)) else { return };
        let flows = if flows == DEPLOYED { flows.to_owned() } else { format!("`{flows}`") };
        first.help.push(format!(
            "none of the {} names that the stack has for nodes is in {flows}: is this its flow?",
            self.unknown.len()
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::testkit::{FLOW, run_on};

    /// The findings that ask, and how many there are.
    fn asked(text: &str) -> (Vec<usize>, usize) {
        let found = run_on(FLOW, text).diagnostics;
        let asks = |help: &String| help.ends_with("is in `flows.json`: is this its flow?");
        let asking = (0..found.len()).filter(|at| found[*at].help.iter().any(asks));
        (asking.collect(), found.len())
    }

    const STRANGE: &str = "halt a on \"Front door\" -> \"Bell\"\nhalt b on tab \"House\" -> \"Gong\"\n";

    #[test]
    fn a_stack_for_another_flow_is_asked_about_once() {
        assert_eq!(asked(STRANGE), (vec![0], 4));
        // Every flow has nodes of common types.
        assert_eq!(asked(&format!("{STRANGE}halt c on type \"debug\" -> *\n")).0, [0]);
    }

    #[test]
    fn a_stack_for_this_flow_is_not() {
        for known in ["\"Alarm\"", "\"Twin\"", "id \"th\"", "tab \"Sensors\""] {
            assert_eq!(asked(&format!("{STRANGE}halt c on * -> {known}\n")).0, [0; 0], "{known}");
        }
        assert_eq!(asked("halt a on \"Front door\" -> \"Bell\"\nhalt b on \"Bell\" -> *\n"), (vec![], 3));
    }
}
