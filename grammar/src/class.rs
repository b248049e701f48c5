//! What a token is to the eye: one class each, and how every editor calls it.

/// Names of one class in the schemes of editors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// TextMate, Sublime Text, bat, VS Code, shiki, GitHub.
    pub textmate: &'static str,
    /// The highlight group that Vim's group is linked to.
    pub vim: &'static str,
    /// highlight.js.
    pub highlight_js: &'static str,
    /// tree-sitter's common names, as Neovim has them.
    pub neovim: &'static str,
    /// tree-sitter in Helix.
    pub helix: &'static str,
    /// tree-sitter in Zed.
    pub zed: &'static str,
    /// The face in Emacs, without `font-lock-` and `-face`.
    pub emacs: &'static str,
}

macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident: $textmate:literal $vim:literal $hljs:literal $neovim:literal $helix:literal $zed:literal $emacs:literal;)*) => {
        /// What a token is to the eye.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Class {
            $($(#[$doc])* $class,)*
        }

        impl Class {
            /// Every class.
            pub const ALL: &[Class] = &[$(Class::$class),*];

            /// Its own name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Class::$class => stringify!($class),)*
                }
            }

            /// Its names in editors.
            pub const fn scopes(self) -> Scopes {
                match self {
                    $(Class::$class => Scopes {
                        textmate: $textmate,
                        vim: $vim,
                        highlight_js: $hljs,
                        neovim: $neovim,
                        helix: $helix,
                        zed: $zed,
                        emacs: $emacs,
                    },)*
                }
            }
        }
    };
}

classes! {
    /// `// …`
    Comment: "comment.line.double-slash" "Comment" "comment" "comment" "comment.line" "comment" "comment";
    /// `/// …`
    Doc: "comment.line.documentation" "SpecialComment" "comment" "comment.documentation" "comment.line.documentation" "comment.doc" "doc";
    /// A quoted text.
    Text: "string.quoted.double" "String" "string" "string" "string" "string" "string";
    /// A backslash and what it stands for.
    Escape: "constant.character.escape" "SpecialChar" "char.escape" "string.escape" "constant.character.escape" "string.escape" "escape";
    /// The braces around a value in a text.
    Embed: "punctuation.section.embedded" "Special" "punctuation" "punctuation.special" "punctuation.special" "punctuation.special" "misc-punctuation";
    /// A regular expression with its slashes.
    Regex: "string.regexp" "String" "regexp" "string.regexp" "string.regexp" "string.regex" "regexp";
    /// A number, also that of a duration, size, rate or percentage.
    Number: "constant.numeric" "Number" "number" "number" "constant.numeric" "number" "number";
    /// The unit of a duration, size, rate or percentage.
    Unit: "keyword.other.unit" "Number" "number" "number" "constant.numeric" "number" "number";
    /// A word that begins an item.
    Item: "storage.type.item" "Structure" "keyword" "keyword" "keyword.storage.type" "keyword" "keyword";
    /// A word that begins a router.
    Router: "keyword.control.router" "Statement" "keyword" "keyword.function" "keyword.function" "keyword" "keyword";
    /// A word of a clause.
    Clause: "keyword.other.clause" "Keyword" "keyword" "keyword" "keyword" "keyword" "keyword";
    /// A word that names a sink or transport.
    Sink: "support.type.sink" "Type" "built_in" "type.builtin" "type.builtin" "type.builtin" "builtin";
    /// A word that selects nodes.
    Selector: "storage.modifier.selector" "StorageClass" "keyword" "keyword.modifier" "keyword.storage.modifier" "keyword" "keyword";
    /// An operator that is a word.
    WordOperator: "keyword.operator.wordlike" "Operator" "keyword" "keyword.operator" "keyword.operator" "keyword.operator" "keyword";
    /// `true`, `false`, `null`.
    Literal: "constant.language" "Boolean" "literal" "constant.builtin" "constant.builtin" "constant.builtin" "constant";
    /// A word of a test.
    Step: "keyword.control.test" "Statement" "keyword" "keyword" "keyword.control" "keyword" "keyword";
    /// A function of the language where it is called.
    Function: "support.function" "Function" "built_in" "function.builtin" "function.builtin" "function.builtin" "builtin";
    /// A predicate or module where it is called.
    Call: "variable.function" "Function" "title.function" "function.call" "function" "function" "function-call";
    /// A type, also a schema's name in a type.
    Type: "support.type" "Type" "type" "type" "type" "type" "type";
    /// `msg`, `source`, `dest`.
    Root: "variable.language" "Special" "variable.language" "variable.builtin" "variable.builtin" "variable.special" "builtin";
    /// A field in a path, schema or object.
    Property: "variable.other.property" "Identifier" "property" "property" "variable.other.member" "property" "property-use";
    /// A declared name where it is used.
    Reference: "variable.other" "Identifier" "variable" "variable" "variable" "variable" "variable-use";
    /// A predicate's parameter where it is declared.
    Parameter: "variable.parameter" "Identifier" "params" "variable.parameter" "variable.parameter" "variable.parameter" "variable-name";
    /// The name of a stack, layer or runtime where it is declared.
    NameSpace: "entity.name.namespace" "PreProc" "title.class" "module" "namespace" "title" "type";
    /// The name of a router where it is declared.
    NameRouter: "entity.name.function" "Function" "title.function" "function" "function" "function" "function-name";
    /// The name of a predicate where it is declared.
    NamePredicate: "entity.name.function.predicate" "Function" "title.function" "function" "function" "function" "function-name";
    /// The name of a constant, parameter or set of nodes where it is declared.
    NameValue: "variable.other.constant" "Constant" "variable.constant" "constant" "constant" "constant" "variable-name";
    /// The name of a schema where it is declared.
    NameSchema: "entity.name.type" "Typedef" "title.class" "type.definition" "type" "type" "type";
    /// The code of a finding.
    Code: "constant.other.code" "Constant" "symbol" "constant" "constant" "constant" "constant";
    /// `*`, every node.
    All: "constant.language.wildcard" "Special" "literal" "character.special" "constant.builtin" "constant.builtin" "constant";
    /// `->`.
    Arrow: "keyword.operator.arrow" "Operator" "operator" "operator" "operator" "operator" "operator";
    /// Any other operator.
    Sign: "keyword.operator" "Operator" "operator" "operator" "operator" "operator" "operator";
    /// `{ } ( ) [ ]`.
    Bracket: "punctuation.section.brackets" "Delimiter" "punctuation" "punctuation.bracket" "punctuation.bracket" "punctuation.bracket" "bracket";
    /// `, : .`.
    Separator: "punctuation.separator" "Delimiter" "punctuation" "punctuation.delimiter" "punctuation.delimiter" "punctuation.delimiter" "delimiter";
}
