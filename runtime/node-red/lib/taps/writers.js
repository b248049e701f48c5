//! Writers of lines: standard output, and files that roll over.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** @returns {import('./sink').Writer} on a stream that belongs to someone else */
function streamWriter(stream) {
  return {
    write: (text) => new Promise((done, failed) => {
      stream.write(text, (error) => (error ? failed(error) : done()));
    }),
    close: async () => {},
  };
}

class FileWriter {
  /**
   * Opens the file, so that a wrong name is found before anything runs.
   * @param {string} file
   * @param {number|null} [rotate] bytes after which a new one is begun
   * @param {number|null} [keep] how many old ones stay (`FILE.1` is the latest of them); all without it
   * @throws {Error} it cannot be opened
   */
  constructor(file, rotate, keep) {
    this.file = file;
    this.rotate = rotate ?? Infinity;
    this.keep = keep ?? Infinity;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.open();
  }

  open() {
    this.fd = fs.openSync(this.file, 'a');
    this.size = fs.fstatSync(this.fd).size;
  }

  async write(text) {
    this.reopen();
    for (const part of this.parts(text)) {
      const bytes = Buffer.from(part);
      let at = 0;
      while (at < bytes.length) at += await writeSome(this.fd, bytes, at);
      this.size += bytes.length;
    }
  }

  writeNow(text) {
    this.reopen();
    for (const part of this.parts(text)) {
      fs.writeFileSync(this.fd, part);
      this.size += Buffer.byteLength(part);
    }
  }

  /** The lines of a batch, cut where a new file begins; it is begun when the next part is asked for. */
  * parts(text) {
    let rest = text;
    while (rest !== '') {
      if (this.size > 0 && this.size + firstLine(rest) > this.rotate) this.roll();
      const part = this.fitting(rest);
      rest = rest.slice(part.length);
      yield part;
    }
  }

  fitting(text) {
    if (this.rotate === Infinity || this.size + Buffer.byteLength(text) <= this.rotate) return text;
    let [end, size] = [0, this.size];
    do {
      const next = text.indexOf('\n', end) + 1;
      const bytes = Buffer.byteLength(text.slice(end, next));
      if (end > 0 && size + bytes > this.rotate) break;
      size += bytes;
      end = next;
    } while (end < text.length);
    return text.slice(0, end);
  }

  /** A file that could not be begun before may be now. */
  reopen() {
    if (this.fd === undefined) this.open();
  }

  roll() {
    this.shut();
    try {
      this.shift();
    } finally {
      // Whatever came of the old ones, copies go on into a file.
      this.open();
    }
  }

  shift() {
    let last = 0;
    while (fs.existsSync(`${this.file}.${last + 1}`)) last += 1;
    for (let at = last; at >= 1; at -= 1) {
      if (at + 1 > this.keep) fs.rmSync(`${this.file}.${at}`, { force: true });
      else fs.renameSync(`${this.file}.${at}`, `${this.file}.${at + 1}`);
    }
    if (this.keep === 0) fs.rmSync(this.file, { force: true });
    else fs.renameSync(this.file, `${this.file}.1`);
  }

  /** The number is forgotten first: the system gives it to the next file of this process. */
  shut() {
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) fs.closeSync(fd);
  }

  async close() {
    this.shut();
  }
}

const firstLine = (text) => Buffer.byteLength(text.slice(0, text.indexOf('\n') + 1));

const writeSome = (fd, bytes, at) => new Promise((done, failed) => {
  fs.write(fd, bytes, at, bytes.length - at, null, (error, written) => (error ? failed(error) : done(written)));
});

module.exports = { streamWriter, FileWriter };
