//! Variants as chain files write them: the bare name, or an object of the name and its content.
'use strict';

/** Name and content; a bare name has none. */
const variant = (value) => (typeof value === 'string' ? [value, undefined] : Object.entries(value)[0]);

/** The name of a variant without content, which may stand beside a `null`. */
const nameOf = (value) => variant(value)[0];

/** The content of a variant if it is the one of this name. */
const contentOf = (value, name) => (typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined);

module.exports = { contentOf, nameOf, variant };
