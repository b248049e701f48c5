//! The sidebar of the Node-RED editor: what the stack in place does, and what can be done about it.

import { ask } from './api.js';
import { Breakpoints } from './breakpoints.js';
import { el, setText } from './dom.js';
import { Held } from './held.js';
import { Layers, Trouble } from './layers.js';
import { Marks } from './marks.js';
import { Poll } from './poll.js';
import { Routers, idOf } from './routers.js';
import { linkKey, linksOf, wireName, drawn } from './wires.js';

const ID = 'route';

class Sidebar {
  constructor() {
    const actions = {
      noWrite: 'This needs the permission route.write',
      tell: (error) => this.tell(error),
      look: () => this.poll.now(),
      change: (method, path, json) => this.change(method, path, json),
      release: (id, how) => this.change('POST', `/held/${id}/${how}`, {}),
      removeOverlay: (name) => this.change('DELETE', `/overlays/${encodeURIComponent(name)}?by=${encodeURIComponent(RED.settings.user?.username ?? 'editor')}`),
      showWires: (wires) => this.showWires(wires),
    };
    this.trouble = new Trouble();
    this.parts = {
      layers: new Layers(actions), routers: new Routers(actions), held: new Held(actions), breakpoints: new Breakpoints(actions),
    };
    this.counts = { routers: el('span', { class: 'route-count' }), held: el('span', { class: 'route-count' }) };
    this.state = el('span', { class: 'route-about' });
    this.marks = new Marks((key) => this.showRouters(key));
    this.poll = new Poll(() => ask('GET', '/editor'), {
      answered: (answer) => this.answered(answer),
      failed: (error) => this.trouble.failed(error),
      changed: (runs) => setText(this.state, runs ? 'live' : 'paused'),
    });
    this.content = this.page();
    // What the user selects is what stands out from then on.
    RED.events.on('view:selection-changed', ({ nodes, links }) => {
      if (nodes?.length > 0 || links?.length > 0) this.showNothing();
    });
    this.resized = new ResizeObserver(() => this.poll.want(this.content.clientHeight > 0));
    this.resized.observe(this.content);
  }

  page() {
    const section = (name, title, part) => el('details', { class: 'route-section', open: true, 'data-part': name },
      el('summary', {}, el('h3', { text: title }), this.counts[name]), part.element);
    return el('div', { class: 'route-sidebar', role: 'region', 'aria-label': 'Route' },
      this.trouble.element,
      section('layers', 'Stack', this.parts.layers),
      section('held', 'Held messages', this.parts.held),
      section('breakpoints', 'Breakpoints', this.parts.breakpoints),
      section('routers', 'Routers', this.parts.routers));
  }

  toolbar() {
    const box = el('input', { type: 'checkbox', id: 'route-marks', checked: true, on: { change: () => this.marks.turn(box.checked) } });
    return el('div', { class: 'route-toolbar' }, this.state, el('label', { for: 'route-marks' }, box, ' marks on wires'),
      el('a', { href: new URL('routec.html', import.meta.url).href, target: '_blank', rel: 'noopener', text: 'routec' }));
  }

  answered(answer) {
    this.answer = answer;
    this.draw();
  }

  draw() {
    const state = { answer: this.answer, canWrite: RED.user.hasPermission('route.write') };
    this.trouble.update(state);
    for (const part of Object.values(this.parts)) part.update(state);
    setText(this.counts.routers, String(this.answer.routers.length));
    setText(this.counts.held, String(this.answer.held));
    this.marks.put(this.wishes());
  }

  /** The marks, by links of the workspace: what is drawn once may stand for wires of several instances of a subflow. */
  wishes() {
    const { routers, chains, wires } = this.answer;
    const live = new Map(wires.map(({ from, port, to, holds }) => [linkKey(from, port, to), holds]));
    const found = new Map();
    this.routersOf = new Map();
    for (const [from, port, to, list] of chains) {
      const holds = live.get(linkKey(from, port, to));
      // The flows have changed: this wire is another one now, or gone.
      if (holds === undefined) continue;
      for (const key of linksOf([from, port, to])) {
        const one = found.get(key) ?? { list: new Set(), holds: 0, wire: { from, port, to } };
        for (const at of list) one.list.add(at);
        one.holds += holds;
        found.set(key, one);
      }
    }
    return new Map([...found].map(([key, { list, holds, wire }]) => {
      const all = [...list].sort((a, b) => a - b).map((at) => routers[at]);
      this.routersOf.set(key, all);
      const kind = holds > 0 ? 'held' : all.some((router) => router.kind === 'break') ? 'break' : 'plain';
      const lines = all.map((router, at) => `${at + 1}. ${router.kind} ${router.name} (${router.layer})`);
      return [key, { count: all.length, kind, text: [wireName(wire), ...lines, ...(holds > 0 ? [`holds ${holds}`] : [])].join('\n') }];
    }));
  }

  showNothing() {
    this.marks.highlight([]);
    this.parts.routers.chosen = undefined;
    this.parts.routers.marked = new Set();
    if (this.answer) this.draw();
  }

  /** Wires of a router in the workspace; none: what was shown is shown no more. */
  showWires(wires) {
    const keys = wires.flatMap(linksOf);
    this.marks.highlight(keys);
    this.parts.routers.marked = new Set();
    const [first] = wires;
    if (first) {
      const place = drawn(first[0]) ?? drawn(first[2]);
      if (place) RED.view.reveal(place.node.id, wires.length === 1);
      else RED.notify('The workspace does not have the wires of this router', 'warning');
    }
    this.draw();
  }

  /** The routers of a wire in the list. */
  showRouters(key) {
    RED.sidebar.show(ID);
    this.marks.highlight([key]);
    this.parts.routers.chosen = undefined;
    this.parts.routers.marked = new Set((this.routersOf.get(key) ?? []).map(idOf));
    this.draw();
    this.content.querySelector('.route-marked')?.scrollIntoView({ block: 'nearest' });
  }

  /** Asks for a change; whether it was done. */
  async change(method, path, json) {
    let done = true;
    try {
      await ask(method, path, json);
    } catch (error) {
      done = false;
      this.tell(error);
    }
    await this.poll.now();
    return done;
  }

  tell(error) {
    // Node-RED reads notifications as HTML.
    RED.notify($('<p>').text(error.message), { type: 'error', timeout: 8000 });
  }
}

function add() {
  document.head.append(el('link', { rel: 'stylesheet', href: new URL('sidebar.css', import.meta.url).href }));
  const sidebar = new Sidebar();
  RED.sidebar.addTab({
    id: ID,
    name: 'Route',
    label: 'route',
    iconClass: 'fa fa-filter',
    content: $(sidebar.content),
    toolbar: $(sidebar.toolbar()),
    enableOnEdit: true,
    action: 'route:show-sidebar',
  });
  RED.actions.add('route:show-sidebar', () => RED.sidebar.show(ID));
  // Marks once, also while nobody looks at the sidebar.
  for (const event of ['deploy', 'flows:loaded']) RED.events.on(event, () => sidebar.poll.now());
  window.addEventListener('pagehide', () => sidebar.poll.want(false));
}

RED.plugins.registerPlugin('route', { type: 'route', onadd: add });
