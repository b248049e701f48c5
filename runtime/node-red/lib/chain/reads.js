//! How generated code reads paths: each object on the way at most once for each message, as long as nothing changes it.
'use strict';

const { isSafe } = require('./values');

/**
 * The paths of a set as a tree of nodes. A node that several steps read is kept in a variable: `vN` its value, `oN` the value if it
 * is an object (else an empty one), `lN` if it is a list.
 */
class Reads {
  constructor(paths) {
    this.paths = paths;
    this.nodes = new Map();
    /** By index of the path; made when it is asked for, as a set may have many paths and a function read few of them. */
    this.byPath = new Map();
    /** Nodes that are worth a variable. */
    this.shared = new Set();
    /** Variables that have been declared, and the nodes that hold their value at this place of the code. */
    this.declared = new Set();
    this.fresh = new Set();
  }

  /** The node of a path by its index. */
  at(path) {
    let node = this.byPath.get(path);
    if (node === undefined) {
      node = this.node(this.paths[path]);
      this.byPath.set(path, node);
    }
    return node;
  }

  node(path) {
    const key = JSON.stringify(path);
    let node = this.nodes.get(key);
    if (node === undefined) {
      const parent = path.length > 1 ? this.node(path.slice(0, -1)) : undefined;
      const seg = path[path.length - 1];
      node = { number: this.nodes.size, path, parent, seg, holds: new Set(), steps: new Set() };
      this.nodes.set(key, node);
    }
    return node;
  }

  /** A step reads these paths; what two steps read is shared. */
  uses(step, paths) {
    for (const path of paths) {
      for (let node = this.at(path); node !== undefined; node = node.parent) {
        node.steps.add(step);
        if (node.steps.size > 1) this.shared.add(node);
      }
    }
  }

  share(path) {
    for (let node = this.at(path); node !== undefined; node = node.parent) this.shared.add(node);
  }

  /** Statements that read what is shared of these paths and not read yet. */
  ahead(paths) {
    let code = '';
    const visit = (node) => {
      if (node === undefined || this.fresh.has(node) || !this.shared.has(node)) return;
      visit(node.parent);
      this.fresh.add(node);
      code += this.refresh(node);
    };
    paths.forEach((path) => visit(this.at(path)));
    return code;
  }

  refresh(node) {
    const name = `v${node.number}`;
    this.declared.add(name);
    let code = `${name} = ${this.from(node)};\n`;
    for (const kind of node.holds) code += `${kind}${node.number} = ${kind === 'o' ? 'obj' : 'list'}(${name});\n`;
    return code;
  }

  /** Statements that read again what a change below these paths may have changed; of all paths when there are none. */
  again(changed) {
    const touches = (node) => changed === undefined || changed.some((path) => related(this.paths[path], node.path));
    return [...this.fresh].filter(touches).map((node) => this.refresh(node)).join('');
  }

  /** The value at a path as an expression. */
  value(path) {
    return this.of(this.at(path));
  }

  /** Whether the value at a path is in a variable here. */
  isKept(path) {
    return this.fresh.has(this.at(path));
  }

  of(node) {
    return this.fresh.has(node) ? `v${node.number}` : this.from(node);
  }

  from(node) {
    const { parent, seg } = node;
    if (typeof seg === 'number') return `${this.holder(parent, 'l')}[${seg}]`;
    const object = parent === undefined ? 'm' : this.holder(parent, 'o');
    return isSafe(seg) ? `${object}[${JSON.stringify(seg)}]` : `own(${object}, ${JSON.stringify(seg)})`;
  }

  holder(node, kind) {
    if (this.fresh.has(node) && node.holds.has(kind)) return `${kind}${node.number}`;
    return `${kind === 'o' ? 'obj' : 'list'}(${this.of(node)})`;
  }

  /** Which variables of its kind each shared node needs, for the paths that are known; to be asked before code is made. */
  plan() {
    for (const { parent, seg } of this.nodes.values()) {
      if (parent !== undefined && this.shared.has(parent)) {
        const kind = typeof seg === 'number' ? 'l' : 'o';
        parent.holds.add(kind);
        this.declared.add(`${kind}${parent.number}`);
      }
    }
  }
}

/** Whether one path leads through the end of the other. */
function related(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

module.exports = { Reads };
