//! R0022: a file with more items than are read.

crate::rule! {
    /// More than 20,000 items in one file.
    ///
    /// The items after that are not read. Split the file, and bring the parts in with `use`.
    "R0022" "too-many-items" Error, None
}
