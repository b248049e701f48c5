//! Texts from outside as they go into a picture: cut, cleaned, and measured without a font.

use unicode_width::UnicodeWidthChar;

/// Columns of a node's name.
pub(super) const NAME: usize = 30;
/// Columns of the name of a tab, group or instance, and of a line on a wire.
pub(super) const LABEL: usize = 40;
/// Characters of a line in a tooltip.
pub(super) const TOOLTIP: usize = 200;

/// One line of at most so many columns: what is left out ends in `…`. Control characters, which no format takes, and
/// marks that turn the direction of what follows become blanks; runs of blanks become one.
pub(super) fn line(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let (mut width, mut chars, mut blank) = (0, 0, false);
    for c in text.chars() {
        if is_blank(c) {
            blank = !out.is_empty();
            continue;
        }
        let more = c.width().unwrap_or(0) + usize::from(blank);
        // Marks that stand on one letter have no width: they are bounded by their number.
        if width + more > columns || chars >= 3 * columns {
            while width >= columns {
                let Some(last) = out.pop() else { break };
                width -= last.width().unwrap_or(0);
            }
            out.push('…');
            return out;
        }
        if blank {
            out.push(' ');
            blank = false;
        }
        out.push(c);
        width += more;
        chars += 1;
    }
    out
}

fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// Width in pixels, rather too wide than too narrow, in a sans-serif font of so many pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | 't' | 'f' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.36,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '→' | '←' => 1.0,
            'A'..='Z' => 0.74,
            ' '..='~' => 0.61,
            c => match c.width().unwrap_or(0) {
                0 => 0.0,
                1 => 0.7,
                _ => 1.1,
            },
        })
        .sum();
    em * size
}

/// For text and attribute values of XML.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A string of DOT without its quotes. `\l` and the like are written by the caller, so a backslash of the text is
/// doubled. Labels and tooltips may name characters as HTML does, so `&` goes by its name.
pub(super) fn dot(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}

/// A quoted text of Mermaid: what its parser, its Markdown or the HTML of its labels would take for their own goes by
/// number.
pub(super) fn mermaid(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = c.is_ascii_alphanumeric()
            || matches!(c, ' ' | ',' | '(' | ')' | '/' | '?' | '=')
            || !c.is_ascii();
        if plain { out.push(c) } else { out.push_str(&format!("#{};", c as u32)) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_by_columns() {
        assert_eq!(line("  a\n\tb\u{202e}c  ", 10), "a b c");
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("温度温度", 6), "温度…");
        assert_eq!(line("\u{0}\u{1b}", 6), "");
        let stacked = format!("a{}", "\u{0301}".repeat(1000));
        assert!(line(&stacked, 10).chars().count() <= 31);
        assert!(line(&"x".repeat(650_000), NAME).len() < 40);
    }

    #[test]
    fn each_format_gets_its_own_escapes() {
        assert_eq!(xml(r#"<a href="x">&'"#), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(dot(r#"say "\n""#), r#"say \"\\n\""#);
        assert_eq!(dot("AT&copy; &lt;"), "AT&amp;copy; &amp;lt;");
        assert_eq!(mermaid("1. \"a\" <b>"), "1#46; #34;a#34; #60;b#62;");
        assert_eq!(mermaid("温 (x)"), "温 (x)");
    }
}
