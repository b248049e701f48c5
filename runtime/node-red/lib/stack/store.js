//! The state folder: the stacks in place and before, kept over restarts. Every file is written whole or not at all.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { fromValue } = require('../format');

const VERSION = 1;
const INDEX = 'ledger.json';

class Store {
  /** @param {string} folder made when something is first written */
  constructor(folder) {
    this.folder = folder;
    /** Numbers whose files hold what they should: a file of an abandoned run may bear the same number. */
    this.written = new Set();
  }

  /**
   * The entries of the run before, oldest first.
   * @returns {{entries: object[], faults: string[]}} what could not be read is left out and told
   */
  read() {
    const faults = [];
    let index;
    try {
      index = JSON.parse(fs.readFileSync(path.join(this.folder, INDEX), 'utf8'));
    } catch (error) {
      if (error.code !== 'ENOENT') faults.push(`cannot read \`${path.join(this.folder, INDEX)}\`: ${error.message}`);
      return { entries: [], faults };
    }
    if (index?.version !== VERSION || !Array.isArray(index.numbers)) {
      return { entries: [], faults: [`\`${path.join(this.folder, INDEX)}\` is of another version of this plugin; it is left alone until a stack is applied`] };
    }
    const entries = [];
    for (const number of index.numbers) {
      try {
        const entry = JSON.parse(fs.readFileSync(this.file(number), 'utf8'));
        fromValue(entry.set);
        entries.push(entry);
        this.written.add(number);
      } catch (error) {
        faults.push(`cannot read stack ${number}: ${error.message}`);
      }
    }
    // Without the stack in place the earlier ones are history, but none of them is in place.
    if (entries.at(-1)?.number !== index.numbers.at(-1)) {
      entries.length = 0;
      this.written.clear();
    }
    return { entries, faults };
  }

  /** Writes the entries down; the files of others go. */
  write(entries) {
    fs.mkdirSync(this.folder, { recursive: true });
    for (const entry of entries) {
      if (this.written.has(entry.number)) continue;
      replace(this.file(entry.number), JSON.stringify(entry));
      this.written.add(entry.number);
    }
    const numbers = entries.map((entry) => entry.number);
    replace(path.join(this.folder, INDEX), JSON.stringify({ version: VERSION, numbers }));
    for (const name of fs.readdirSync(this.folder)) {
      const [, number] = /^stack-(\d+)\.json$/.exec(name) ?? [];
      if (number !== undefined && !numbers.includes(Number(number))) fs.rmSync(path.join(this.folder, name), { force: true });
    }
  }

  file(number) {
    return path.join(this.folder, `stack-${number}.json`);
  }
}

/** After a crash either the old text stands there or the new one. */
function replace(file, text) {
  const next = `${file}.${process.pid}.new`;
  const fd = fs.openSync(next, 'w', 0o600);
  try {
    fs.writeFileSync(fd, text);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(next, file);
}

module.exports = { Store };
