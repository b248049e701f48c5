//! Why a wish is refused, with the status that the control API gives it.
'use strict';

/** A refusal for people; `status` is one of HTTP, `more` are further fields of the answer. */
class Refusal extends Error {
  constructor(status, message, more = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.more = more;
  }
}

module.exports = { Refusal };
