//! A sink's bounded queue of lines, and the one writer behind it.
'use strict';

/** Most lines that are written at once. */
const BATCH = 64;

/**
 * What writes lines.
 * @typedef {{write: (text: string) => Promise<void>, writeNow?: (text: string) => void, close: () => Promise<void>}} Writer
 */

class Sink {
  /**
   * @param {string} name for the status
   * @param {number} most lines that wait
   * @param {Writer} writer
   */
  constructor(name, most, writer) {
    this.name = name;
    this.most = most;
    this.writer = writer;
    this.queue = [];
    this.isWriting = false;
    /** Lines that the writer has and has not written yet. */
    this.underWay = 0;
    this.isClosed = false;
    this.taken = 0;
    this.dropped = 0;
    this.state = '';
    /** Called, and forgotten, when the queue has room again. */
    this.awaiting = [];
    this.onIdle = [];
  }

  get hasRoom() {
    return this.queue.length < this.most;
  }

  whenRoom(call) {
    this.awaiting.push(call);
  }

  /**
   * Takes a line, or counts it as dropped.
   * @param {{lost: number}} tap whose copy it is
   * @returns {boolean} whether it was taken
   */
  offer(line, tap) {
    if (this.isClosed || !this.hasRoom) {
      this.dropped += 1;
      return false;
    }
    this.taken += 1;
    this.queue.push({ line, tap });
    if (!this.isWriting) {
      this.isWriting = true;
      setImmediate(() => this.writeOut());
    }
    return true;
  }

  async writeOut() {
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, BATCH);
      this.underWay = batch.length;
      this.tellRoom();
      try {
        await this.writer.write(batch.map(({ line }) => `${line}\n`).join(''));
        this.state = '';
      } catch (error) {
        // A full disk may have room again: what cannot be written is lost and counted, and the next one tried.
        this.state = error.message;
        this.lose(batch);
      }
      this.underWay = 0;
    }
    this.isWriting = false;
    for (const call of this.onIdle.splice(0)) call();
  }

  lose(batch) {
    this.dropped += batch.length;
    for (const { tap } of batch) tap.lost += 1;
  }

  tellRoom() {
    for (const call of this.awaiting.splice(0)) call();
  }

  /** Writes what waits before it returns, where the writer can: the process may be about to end. */
  writeNow() {
    if (!this.writer.writeNow || this.queue.length === 0) return;
    const batch = this.queue.splice(0);
    try {
      this.writer.writeNow(batch.map(({ line }) => `${line}\n`).join(''));
    } catch (error) {
      this.state = error.message;
      this.lose(batch);
    }
    this.tellRoom();
  }

  /** Writes what waits and takes nothing more. */
  async close() {
    this.isClosed = true;
    this.tellRoom();
    if (this.isWriting) await new Promise((idle) => this.onIdle.push(idle));
    await this.writer.close();
  }

  status() {
    return { sink: this.name, taken: this.taken, waiting: this.queue.length + this.underWay, dropped: this.dropped, state: this.state };
  }
}

module.exports = { Sink };
