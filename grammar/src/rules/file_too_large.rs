//! R0020: a `.route` file that is too large to be read.

crate::rule! {
    /// A `.route` file over 4 MiB.
    ///
    /// No stack that people read is that large. Files of names by `routec names` can be: split them by tab, and bring
    /// the parts in with `use`.
    "R0020" "file-too-large" Error, None
}
