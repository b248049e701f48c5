//! The one hook in Node-RED's way of a message: registered only while something needs it, its inner function swapped.
'use strict';

const ID = 'preRoute.route';

/**
 * @callback Route decides about one event: `undefined` lets it pass, `false` ends it, `WAITS`: `done` is called later
 * @param {object} event
 * @param {((halts?: false) => void)|undefined} done `undefined`: the hook was registered without it
 */

/** What a `Route` answers when it has kept `done`, or called it already. */
const WAITS = Symbol('waits');

class Hook {
  /** @param {object} hooks `RED.hooks` */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {'none'|'plain'|'waiting'} */
    this.form = 'none';
  }

  /**
   * @param {'none'|'plain'|'waiting'} form `plain`: the cheaper one, whose route never waits; `waiting`: with `done`
   * @param {{route: Route}} owner
   */
  set(form, owner) {
    this.owner = owner;
    if (form === this.form) return;
    this.hooks.remove(ID);
    this.form = form;
    // Node-RED tells the forms apart by the number of declared parameters, and loses messages of any other form.
    if (form === 'plain') this.hooks.add(ID, (event) => this.owner.route(event, undefined));
    else if (form === 'waiting') {
      this.hooks.add(ID, (event, done) => {
        const answer = this.owner.route(event, done);
        if (answer === undefined) done();
        else if (answer === false) done(false);
      });
    }
  }

  close() {
    this.set('none', undefined);
  }
}

module.exports = { Hook, WAITS, ID };
