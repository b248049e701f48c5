//! Marks on the wires of the workspace that carry routers.

import { keyOf } from './wires.js';

const SVG = 'http://www.w3.org/2000/svg';
const make = (tag, attributes) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

export class Marks {
  /** @param {(key: string) => void} clicked a mark was chosen */
  constructor(clicked) {
    this.clicked = clicked;
    /** By key of a link: `{count, kind, text}`. */
    this.wanted = new Map();
    this.shown = new Set();
    this.isOn = true;
    // The workspace draws its wires anew whenever it likes; marks live inside the wires and are put right before the next frame.
    this.observer = new MutationObserver(() => this.due());
    const canvas = document.querySelector('#red-ui-workspace-chart > svg');
    this.observer.observe(canvas, { subtree: true, childList: true, attributes: true, attributeFilter: ['d'] });
    this.canvas = canvas;
  }

  /** @param {Map<string, {count: number, kind: string, text: string}>} wanted `kind`: `plain`, `break` or `held` */
  put(wanted) {
    this.wanted = wanted;
    this.due();
  }

  turn(isOn) {
    this.isOn = isOn;
    this.due();
  }

  /** Makes some wires stand out; all others return to what they were. */
  highlight(keys) {
    this.shown = new Set(keys);
    this.due();
  }

  due() {
    if (this.frame !== undefined) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = undefined;
      this.sync();
    });
  }

  sync() {
    for (const group of this.canvas.querySelectorAll('.red-ui-flow-link')) {
      const link = group.__data__;
      if (!link?.source || !link.target) continue;
      const key = keyOf(link);
      const wish = this.isOn ? this.wanted.get(key) : undefined;
      group.classList.toggle('route-shown', this.shown.has(key));
      this.mark(group, key, wish);
    }
  }

  mark(group, key, wish) {
    let mark = group.querySelector(':scope > .route-mark');
    if (!wish) {
      mark?.remove();
      return;
    }
    const line = group.querySelector('.red-ui-flow-link-line');
    const length = line?.getTotalLength?.() ?? 0;
    if (length === 0) return;
    if (!mark || mark.__key !== key) {
      mark?.remove();
      mark = this.newMark(key);
      group.append(mark);
    }
    const { x, y } = line.getPointAtLength(length / 2);
    const place = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
    if (mark.getAttribute('transform') !== place) mark.setAttribute('transform', place);
    if (mark.__said === wish.text + wish.kind) return;
    mark.__said = wish.text + wish.kind;
    mark.setAttribute('class', `route-mark route-mark-${wish.kind}`);
    mark.setAttribute('aria-label', wish.text.replaceAll('\n', ', '));
    mark.querySelector('title').textContent = wish.text;
    mark.querySelector('text').textContent = wish.count > 99 ? '99+' : String(wish.count);
  }

  newMark(key) {
    const mark = make('g', { role: 'img' });
    mark.__key = key;
    mark.append(make('title', {}), make('circle', { r: 8 }), make('text', { dy: '3.5', 'text-anchor': 'middle' }));
    // The workspace begins to draw a selection where a press reaches it.
    for (const event of ['mousedown', 'touchstart']) mark.addEventListener(event, (pressed) => pressed.stopPropagation());
    mark.addEventListener('click', (pressed) => {
      pressed.stopPropagation();
      this.clicked(key);
    });
    return mark;
  }
}
