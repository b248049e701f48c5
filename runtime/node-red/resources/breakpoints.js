//! Breakpoints that are set by a click on what is selected in the workspace.

import { allow, button, el, keyed, setText, show } from './dom.js';
import { nameOf, placeOf, wireName } from './wires.js';

/** More at once is a slip: each is compiled with the whole stack. */
const MOST = 10;

export class Breakpoints {
  constructor(actions) {
    this.actions = actions;
    this.list = el('ul', { class: 'route-list' });
    this.add = button('fa-pause-circle-o', 'Break here', 'Set a breakpoint on the selected wire or node', () => this.set());
    this.what = el('span', { class: 'route-about', id: 'route-selected' });
    this.add.setAttribute('aria-describedby', this.what.id);
    this.foreign = el('p', { class: 'route-none', hidden: true });
    this.element = el('div', {}, this.list, this.foreign, el('div', { class: 'route-tools' }, this.add, this.what));
    RED.events.on('view:selection-changed', () => this.settle());
  }

  update({ answer, canWrite }) {
    const { breakpoints } = answer;
    this.state = { ...breakpoints, canWrite };
    show(this.foreign, !breakpoints.ours);
    setText(this.foreign, `The overlay debug of ${breakpoints.owner || 'nobody'} was not made here; take it away above to set breakpoints.`);
    const rows = breakpoints.points.map((point) => ({ ...point, canWrite, owner: breakpoints.owner }));
    keyed(this.list, rows, ({ name, from, port, to }) => JSON.stringify([name, from, port, to]), (row) => this.row(row));
    this.settle();
  }

  row({ name }) {
    const where = el('span', { class: 'route-about' });
    const remove = button('fa-trash-o', '', `Remove breakpoint ${name}`, () => this.actions.change('DELETE', `/breakpoints/${encodeURIComponent(name)}`));
    const element = el('li', {}, el('i', { class: 'fa fa-pause-circle-o', 'aria-hidden': 'true' }), el('span', { class: 'route-name', text: name }), where, remove);
    const update = (row) => {
      setText(where, wireName(row));
      allow(remove, row.canWrite ? undefined : this.actions.noWrite);
    };
    return { element, update };
  }

  /** What would get a breakpoint. */
  selected() {
    const { links = [], nodes = [] } = RED.view.selection();
    if (links.length > 0) return links.map((link) => ({ place: placeOf(link), text: wireName(placeOf(link)) }));
    return nodes.filter((node) => node.type !== 'group' && node.type !== 'subflow').map((node) => {
      // Nothing comes to a node without an input: what it sends is meant.
      const hasInput = node.inputs > 0 || RED.nodes.filterLinks({ target: node }).length > 0;
      return hasInput ? { place: { to: node.id }, text: `everything to ${nameOf(node.id)}` } : { place: { from: node.id }, text: `everything from ${nameOf(node.id)}` };
    });
  }

  settle() {
    if (!this.state) return;
    const found = this.selected();
    const { compiler, canWrite, ours } = this.state;
    const why = !canWrite ? this.actions.noWrite
      : !compiler ? 'Breakpoints need the compiler: Node-RED finds no routec on its PATH, nor in route.routec of settings.js'
        : !ours ? 'The overlay debug was not made here'
          : found.length === 0 ? 'Select a wire or a node first'
            : found.length > MOST ? `Select at most ${MOST}`
              : undefined;
    if (!this.isBusy) allow(this.add, why);
    setText(this.what, why ?? (found.length === 1 ? found[0].text : `${found.length} places`));
  }

  async set() {
    this.isBusy = true;
    allow(this.add, 'It is being compiled');
    for (const { place } of this.selected()) if (!await this.actions.change('POST', '/breakpoints', place)) break;
    this.isBusy = false;
    this.settle();
  }
}
