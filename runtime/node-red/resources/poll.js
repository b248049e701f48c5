//! Asks again and again while somebody looks, and not while nobody does.

/** Pause between an answer and the next question, milliseconds. */
const PAUSE = 1000;
/** The same after a failure. */
const PAUSE_FAILED = 5000;

export class Poll {
  /**
   * @param {() => Promise<*>} request
   * @param {{answered: (answer) => void, failed: (error) => void, changed: (runs: boolean) => void}} to
   */
  constructor(request, to) {
    this.request = request;
    this.to = to;
    this.isWanted = false;
    this.isAsking = false;
    document.addEventListener('visibilitychange', () => this.settle());
  }

  get runs() {
    return this.isWanted && document.visibilityState === 'visible';
  }

  /** Somebody looks at the sidebar, or nobody does any more. */
  want(isWanted) {
    this.isWanted = isWanted;
    this.settle();
  }

  settle() {
    clearTimeout(this.timer);
    this.to.changed(this.runs);
    if (this.runs) this.now();
  }

  /** Asks at once, and goes on from there when somebody looks. */
  async now() {
    clearTimeout(this.timer);
    if (this.isAsking) {
      this.isDue = true;
      return;
    }
    this.isAsking = true;
    this.isDue = false;
    let pause = PAUSE;
    try {
      this.to.answered(await this.request());
    } catch (error) {
      pause = PAUSE_FAILED;
      this.to.failed(error);
    }
    this.isAsking = false;
    clearTimeout(this.timer);
    if (this.isDue) this.now();
    else if (this.runs) this.timer = setTimeout(() => this.now(), pause);
  }
}
