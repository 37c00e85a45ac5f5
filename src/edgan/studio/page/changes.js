// The changes of an edit, with undo and redo.

const LONGEST = 200;

/** What was changed, by attribute: {Eyeglasses: 3.5}. `show` is called after each undo, redo or reset, `note` after each step. */
export class Changes {
  constructor({show, note}) {
    Object.assign(this, {show, note, now: {}, past: [], future: []});
  }

  /** Forget everything, for another picture. */
  clear() {
    [this.now, this.past, this.future] = [{}, [], []];
  }

  /** Keep the present state for undo, before it is changed. */
  remember() {
    this.past.push({...this.now});
    if (this.past.length > LONGEST) this.past.shift();
    this.future = [];
    this.note();
  }

  undo() { this.#travel(this.past, this.future); }

  redo() { this.#travel(this.future, this.past); }

  reset() {
    this.remember();
    this.#restore({});
  }

  get isEmpty() { return !Object.keys(this.now).length; }

  #travel(from, to) {
    if (!from.length) return;
    to.push({...this.now});
    this.#restore(from.pop());
  }

  #restore(to) {
    this.now = {...to};
    this.show();
    this.note();
  }
}
