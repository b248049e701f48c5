//! All routers in the order of the stack, with what they did; a router shows its wires.

import { el, keyed, setAttribute, setText, show } from './dom.js';
import { KINDS } from './words.js';

const COUNTS = [['seen', 'messages that came to it'], ['passed', 'messages that went on'], ['stopped', 'messages that it stopped']];

export class Routers {
  constructor(actions) {
    this.actions = actions;
    this.body = el('tbody');
    this.none = el('p', { class: 'route-none', text: 'No router is in place.' });
    const heads = COUNTS.map(([name, title]) => el('th', { scope: 'col', class: 'route-number', title, text: name }));
    this.table = el('table', { class: 'route-table' }, el('thead', {}, el('tr', {}, el('th', { scope: 'col', text: 'router' }), ...heads)), this.body);
    this.element = el('div', {}, this.none, this.table);
    this.chosen = undefined;
    /** Those of one wire, when a mark was chosen. */
    this.marked = new Set();
  }

  update({ answer }) {
    const { routers, chains } = answer;
    show(this.none, routers.length === 0);
    show(this.table, routers.length > 0);
    const wires = routers.map(() => []);
    for (const [from, port, to, list] of chains) for (const at of list) wires[at].push([from, port, to]);
    const rows = routers.map((router, at) => ({ router, wires: wires[at] }));
    keyed(this.body, rows, ({ router }) => idOf(router), (row) => this.row(row));
  }

  row({ router }) {
    const { name, kind, layer, file, line } = router;
    const cells = COUNTS.map(() => el('td', { class: 'route-number' }));
    let wires = [];
    const choose = () => {
      const isSame = this.chosen === idOf(router);
      this.chosen = isSame ? undefined : idOf(router);
      this.actions.showWires(isSame ? [] : wires);
    };
    const face = el('button', { type: 'button', class: 'route-face', on: { click: choose } },
      el('i', { class: `fa ${KINDS[kind] ?? 'fa-circle-o'}`, 'aria-hidden': 'true' }), el('span', { class: 'route-kind', text: `${kind} ` }), el('span', { class: 'route-name', text: name }));
    const holds = el('span', { class: 'route-holds' });
    const element = el('tr', {}, el('th', { scope: 'row' }, face, holds), ...cells);
    const update = (row) => {
      const { counts } = row.router;
      wires = row.wires;
      COUNTS.forEach(([count], at) => setText(cells[at], (counts[count] ?? 0).toLocaleString('en')));
      setText(holds, counts.holds > 0 ? `holds ${counts.holds}` : '');
      setAttribute(face, 'title', `${layer}, ${file}:${line}; on ${wires.length} wire${wires.length === 1 ? '' : 's'}, click to show them`);
      setAttribute(face, 'aria-pressed', String(this.chosen === idOf(row.router)));
      element.classList.toggle('route-marked', this.marked.has(idOf(row.router)));
    };
    return { element, update };
  }
}

export const idOf = ({ layer, name, kind }) => JSON.stringify([layer, name, kind]);
