//! Columns of text, as wide as what stands in them.

/// A table with a head.
pub(crate) struct Table {
    /// Head, and whether the column is one of numbers, which stand to the right.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
    /// Columns from here on are left out when they say nothing but 0.
    hide_from: usize,
}

impl Table {
    pub(crate) fn new(columns: &[(&str, bool)]) -> Self {
        let columns: Vec<(String, bool)> =
            columns.iter().map(|(head, right)| ((*head).to_owned(), *right)).collect();
        let hide_from = columns.len();
        Self { columns, rows: Vec::new(), hide_from }
    }

    /// Columns from this one on are left out when they say nothing but 0.
    pub(crate) fn hide_empty(&mut self, from: usize) {
        self.hide_from = from;
    }

    pub(crate) fn row(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub(crate) fn text(&self) -> String {
        let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let says = |at: usize| self.rows.iter().any(|row| !matches!(cell(row, at).as_str(), "" | "0"));
        let shown: Vec<usize> =
            (0..self.columns.len()).filter(|at| *at < self.hide_from || says(*at)).collect();
        let width = |at: usize| {
            let head = self.columns[at].0.chars().count();
            self.rows.iter().map(|row| cell(row, at).chars().count()).max().unwrap_or(0).max(head)
        };
        let widths: Vec<usize> = shown.iter().map(|at| width(*at)).collect();
        let heads: Vec<String> = self.columns.iter().map(|(head, _)| head.clone()).collect();
        let mut out = String::new();
        for row in std::iter::once(&heads).chain(&self.rows) {
            let cells = shown.iter().zip(&widths).map(|(at, width)| match self.columns[*at].1 {
                true => format!("{:>width$}", cell(row, *at)),
                false => format!("{:width$}", cell(row, *at)),
            });
            out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_and_empty_ones_go() {
        let mut table = Table::new(&[("name", false), ("n", true), ("lost", true)]);
        table.hide_empty(2);
        table.row(vec!["a".into(), "5".into(), "0".into()]);
        table.row(vec!["longer".into(), "1234".into(), "0".into()]);
        insta::assert_snapshot!(table.text(), @r"
        name       n
        a          5
        longer  1234
        ");
    }
}
