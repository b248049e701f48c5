//! R1040: something in an overlay that cannot be taken away again, or that the stack has already.

route_grammar::rule! {
    /// Something that an overlay cannot do.
    ///
    /// An overlay lies on top of the stack for a while, and the stack is as before when it is taken away. So it has
    /// routers and the names that they use, a file and a name that no layer of the stack has, and no `runtime` or
    /// `place`.
    ///
    /// ## Fails
    /// ```route overlay.route
    /// runtime attic { zenoh "tcp/10.0.0.7:7447" }
    /// ```
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route overlay.route
    /// tap look on "Sensor 2" -> * { to stream }
    /// ```
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// ```
    "R1040" "overlay-beyond-its-reach" Error, None
}
