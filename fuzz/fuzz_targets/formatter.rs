//! What is formatted once stays as it is, and every text without faults can be formatted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route_grammar::{FileId, FormatError, Severity, format, parse};

fuzz_target!(|text: &str| {
    match format(text) {
        Ok(once) => assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "formatted twice"),
        Err(FormatError::Syntax(_)) => {}
        Err(FormatError::Changed) => {
            let (_, found) = parse(text, FileId(0));
            let faulty = found.iter().any(|d| d.severity == Severity::Error);
            assert!(faulty, "a text without faults would change its meaning");
        }
    }
});
