//! R0015: a word of the language where a name is declared.

crate::rule! {
    /// A word of the language used as a name.
    ///
    /// Words that begin an item or join expressions stay free of other meanings.
    ///
    /// ## Fails
    /// ```route
    /// halt filter on "Sensor 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt retired on "Sensor 1" -> *
    /// ```
    "R0015" "reserved-word" Error, None
}
