//! Samples as a table: a row for each engine, a column for each task, with the ratio to one of the rows.

use crate::Sample;

/// Prints samples; behind each figure its ratio to the row `base` of the same column.
#[allow(clippy::print_stdout)]
pub fn print(title: &str, samples: &[Sample], base: &str) {
    let mut rows: Vec<&str> = Vec::new();
    let mut columns: Vec<&str> = Vec::new();
    for sample in samples {
        if !rows.contains(&sample.row.as_str()) {
            rows.push(&sample.row);
        }
        if !columns.contains(&sample.column.as_str()) {
            columns.push(&sample.column);
        }
    }
    let of =
        |row: &str, column: &str| samples.iter().find(|s| s.row == row && s.column == column).map(|s| s.ns);
    let width = rows.iter().map(|r| r.chars().count()).max().unwrap_or(0);
    println!("\n{title}");
    print!("{:width$}", "");
    let wide = |column: &str| (column.chars().count() + 2).max(18);
    columns.iter().for_each(|column| print!("{column:>wide$}", wide = wide(column)));
    println!();
    for row in &rows {
        print!("{row:width$}");
        for column in &columns {
            let cell = match (of(row, column), of(base, column)) {
                (Some(ns), Some(base)) => format!("{} {:>7}", figure(ns), format!("×{}", ratio(ns / base))),
                (Some(ns), None) => figure(ns),
                (None, _) => "—".to_owned(),
            };
            print!("{cell:>wide$}", wide = wide(column));
        }
        println!();
    }
}

fn figure(ns: f64) -> String {
    if ns < 100.0 { format!("{ns:.1}") } else { format!("{ns:.0}") }
}

fn ratio(r: f64) -> String {
    if r < 10.0 { format!("{r:.2}") } else { format!("{r:.0}") }
}
