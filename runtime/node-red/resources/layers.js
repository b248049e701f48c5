//! The stack in place: its layers, who owns them, how long overlays stay; and what is wrong with it.

import { allow, button, el, keyed, setText, show } from './dom.js';
import { many, span } from './words.js';

export class Layers {
  constructor(actions) {
    this.actions = actions;
    this.head = el('p', { class: 'route-head' });
    this.list = el('ul', { class: 'route-list' });
    this.element = el('div', {}, this.head, this.list);
  }

  update({ answer, canWrite }) {
    const { stack, owner, now_ms: now, layers, routers } = answer;
    setText(this.head, stack.number === 0 ? 'No stack is in place.'
      : `${stack.name}, number ${stack.number}${stack.by ? ` by ${stack.by}` : ''}, ${span(now - stack.at_ms)} ago: ${stack.why}`);
    const overlays = new Map(stack.overlays.map((overlay) => [overlay.name, overlay]));
    const count = (layer) => routers.filter((router) => router.layer === layer).length;
    const names = [...new Set([...layers, ...overlays.keys()])];
    const rows = names.map((name) => ({ name, count: count(name), overlay: overlays.get(name), owner: overlays.get(name)?.owner ?? owner, now, canWrite }));
    keyed(this.list, rows, ({ name, overlay }) => JSON.stringify([name, Boolean(overlay)]), (row) => this.row(row));
  }

  row({ name, overlay }) {
    const about = el('span', { class: 'route-about' });
    const remove = overlay && button('fa-trash-o', '', `Take the overlay ${name} away`, () => this.actions.removeOverlay(name));
    const element = el('li', {}, el('i', { class: `fa ${overlay ? 'fa-clone' : 'fa-bars'}`, 'aria-hidden': 'true' }), el('span', { class: 'route-name', text: name }), about, remove);
    const update = (row) => {
      const left = row.overlay?.until_ms;
      const words = [many(row.count, 'router'), row.owner ? `of ${row.owner}` : '', row.overlay ? 'overlay' : '',
        left ? `${span(left - row.now)} left` : ''];
      setText(about, words.filter((word) => word !== '').join(', '));
      if (remove) allow(remove, row.canWrite ? undefined : this.actions.noWrite);
    };
    return { element, update };
  }
}

/** What hinders the stack, and what went wrong last. */
export class Trouble {
  constructor() {
    this.lost = el('p', { class: 'route-alert', hidden: true });
    this.stale = el('p', { class: 'route-alert', hidden: true });
    this.title = el('p', {});
    this.found = el('ul', { class: 'route-list route-found' });
    this.last = el('div', { class: 'route-alert route-error', hidden: true }, this.title, this.found);
    this.element = el('div', { role: 'status', class: 'route-trouble' }, this.lost, this.stale, this.last);
  }

  /** Nothing came. */
  failed(error) {
    setText(this.lost, error.message);
    show(this.lost, true);
  }

  update({ answer }) {
    show(this.lost, false);
    const { stale, trouble, now_ms: now } = answer;
    show(this.stale, Boolean(stale));
    if (stale) {
      const isTold = trouble && trouble.error === stale.why;
      const what = stale.flows === null ? 'The stack is not in place.'
        : `The flows have changed since this stack was compiled. ${stale.valid_wires} of its ${many(stale.wires, 'wire')} run on.`;
      setText(this.stale, what
        + (isTold || !stale.why ? '' : ` ${sentence(stale.why)}`));
    }
    show(this.last, Boolean(trouble));
    if (!trouble) return;
    const by = trouble.by ? ` (${trouble.by})` : '';
    const said = trouble.diagnostics.length === 0 ? ` ${sentence(trouble.error)}` : '';
    setText(this.title, `${WHAT[trouble.what] ?? trouble.what}${by} failed ${span(now - trouble.at_ms)} ago.${said}`);
    keyed(this.found, trouble.diagnostics.map((one, at) => ({ ...one, at })), (one) => JSON.stringify(one), (one) => ({ element: finding(one) }));
  }
}

const WHAT = { apply: 'Applying a stack', rollback: 'Rolling back', overlay: 'Taking an overlay away', breakpoint: 'Changing a breakpoint', compile: 'Compiling the stack again' };

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

function finding({ code, message, place, help }) {
  return el('li', {},
    el('span', { class: 'route-code', text: code }), ` ${message}`,
    el('div', { class: 'route-place', text: place }),
    ...help.map((text) => el('div', { class: 'route-help', text: `help: ${text}` })));
}
