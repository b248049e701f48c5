//! Messages that are held: which, where, how long; shown, changed, stepped, let go, dropped.

import { ask } from './api.js';
import { allow, button, el, keyed, setAttribute, setText, show } from './dom.js';
import { many, span } from './words.js';
import { wireName } from './wires.js';

/** How long Node-RED's dialogs take to close, milliseconds. */
const DIALOG_CLOSES = 600;

export class Held {
  constructor(actions) {
    this.actions = actions;
    this.none = el('p', { class: 'route-none', text: 'No message is held.' });
    this.list = el('ul', { class: 'route-list route-held' });
    this.more = el('p', { class: 'route-none', hidden: true });
    this.all = button('fa-play', 'Resume all', 'Let all held messages go on', () => this.resumeAll());
    this.element = el('div', {}, this.none, this.list, this.more, el('div', { class: 'route-tools' }, this.all));
    this.ids = [];
  }

  update({ answer, canWrite }) {
    const { listed, held, now_ms: now } = answer;
    this.ids = listed.filter(({ why }) => why !== 'sink' && why !== 'behind').map(({ id }) => id);
    show(this.none, held === 0);
    show(this.more, held > listed.length);
    setText(this.more, `and ${held - listed.length} more`);
    show(this.all, this.ids.length > 0);
    allow(this.all, canWrite ? undefined : this.actions.noWrite);
    keyed(this.list, listed.map((one) => ({ ...one, now, canWrite })), ({ id }) => String(id), (one) => this.row(one));
  }

  row({ id }) {
    const about = el('div', { class: 'route-about' });
    const wire = el('span', { class: 'route-name' });
    const message = el('div', { class: 'route-message', hidden: true, id: `route-message-${id}` });
    const open = el('button', { type: 'button', class: 'route-face', 'aria-expanded': 'false', 'aria-controls': message.id },
      el('i', { class: 'fa fa-caret-right', 'aria-hidden': 'true' }), el('span', { class: 'route-id', text: ` ${id} ` }), wire);
    open.addEventListener('click', () => this.toggle(id, open, message));
    const can = (how) => this.actions.release(id, how);
    const tools = {
      step: button('fa-step-forward', '', `Let message ${id} go one router further`, () => can('step')),
      resume: button('fa-play', '', `Let message ${id} go on`, () => can('resume')),
      edit: button('fa-pencil', '', `Change message ${id}`, () => this.edit(id)),
      drop: button('fa-times', '', `Drop message ${id}`, () => can('drop')),
    };
    const element = el('li', {}, el('div', { class: 'route-line' }, open, el('span', { class: 'route-tools', role: 'group', 'aria-label': `message ${id}` }, ...Object.values(tools))), about, message);
    let stage;
    const update = (one) => {
      setText(wire, wireName(one));
      setText(about, wordsOf(one));
      const waits = one.why === 'sink' || one.why === 'behind' ? 'it waits for room in a sink, or behind another message of its wire' : undefined;
      for (const tool of Object.values(tools)) allow(tool, one.canWrite ? tool === tools.edit ? undefined : waits : this.actions.noWrite);
      // A step may change the message.
      const now = JSON.stringify([one.why, one.ahead]);
      if (stage !== undefined && stage !== now && !message.hidden) this.read(id, message);
      stage = now;
    };
    return { element, update };
  }

  toggle(id, open, message) {
    const isOpen = message.hidden;
    show(message, isOpen);
    setAttribute(open, 'aria-expanded', String(isOpen));
    open.querySelector('i').className = `fa ${isOpen ? 'fa-caret-down' : 'fa-caret-right'}`;
    if (isOpen) this.read(id, message);
  }

  async read(id, message) {
    try {
      const { msg } = await ask('GET', `/held/${id}`);
      const tree = RED.utils.createObjectElement(msg, { key: undefined, typeHint: 'object', hideKey: false, path: 'msg', rootPath: 'msg', expandPaths: ['msg', 'msg.payload'] });
      message.replaceChildren($('<span class="red-ui-debug-msg-payload"></span>').append(tree)[0]);
    } catch (error) {
      message.replaceChildren(el('span', { text: error.message }));
    }
  }

  /** Node-RED's JSON editor; what is refused comes back to it. */
  async edit(id, text) {
    let value = text;
    try {
      value ??= JSON.stringify((await ask('GET', `/held/${id}`)).msg, null, 4);
    } catch (error) {
      this.actions.tell(error);
      return;
    }
    RED.editor.editJSON({
      title: `Message ${id}, held`,
      value,
      requireValid: true,
      focus: true,
      complete: (changed) => this.change(id, changed),
    });
  }

  async change(id, text) {
    try {
      await ask('PUT', `/held/${id}`, JSON.parse(text));
      const message = document.getElementById(`route-message-${id}`);
      if (message && !message.hidden) this.read(id, message);
    } catch (error) {
      this.actions.tell(error);
      // Not while the dialog that it came from is on its way out.
      if (error.status !== 404) setTimeout(() => this.edit(id, text), DIALOG_CLOSES);
    }
  }

  async resumeAll() {
    for (const id of this.ids) {
      try {
        await ask('POST', `/held/${id}/resume`, {});
      } catch (error) {
        // Its time was over, or it went with the one before it.
        if (error.status !== 404 && error.status !== 409) {
          this.actions.tell(error);
          break;
        }
      }
    }
    this.actions.look();
  }
}

const WHY = { limit: 'held by limit', sink: 'waits for room in the sink of', behind: 'waits behind another message' };

function wordsOf({ why, router, since_ms: since, until_ms: until, then_drop: drops, ahead, now }) {
  const by = why === 'step' ? `stepped past ${router || 'the beginning'}` : why === 'behind' ? WHY.behind : `${WHY[why] ?? 'held by break'} ${router}`;
  const left = until === undefined ? '' : `, ${drops ? 'dropped' : 'goes on'} in ${span(until - now)}`;
  return `${by} for ${span(now - since)}${left}; ${ahead.length === 0 ? 'nothing ahead' : `${many(ahead.length, 'router')} ahead: ${ahead.join(', ')}`}`;
}
