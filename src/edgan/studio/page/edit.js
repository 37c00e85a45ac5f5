// Edit: a slider for each attribute, and the picture that follows.

import {newestOnly, post, postBlob, runPath, stream} from "./api.js";
import {attributeRow, classRows, startOf} from "./attributes.js";
import {Changes} from "./changes.js";
import {download, errorLine, h, readable, segmented, undoByKey} from "./dom.js";
import {chooser} from "./source.js";
import {stageOf} from "./stage.js";
import {Sweep} from "./sweep.js";

const MANY = 12;
/** A picture that another panel hands over: a sample, or a latent that was found. */
let handed = null;
export const hand = (run, picture) => { handed = {run: run.id, picture}; location.hash = `#/runs/${encodeURIComponent(run.id)}/edit`; };

export async function open(panel, run) {
  const editor = new Editor(run);
  const picture = handed?.run === run.id ? handed.picture : {split: "val", index: 0};
  handed = null;
  panel.append(h("h1", {class: "unseen"}, `Edit pictures with ${run.name}`), editor.element);
  editor.take(picture);
  return () => editor.leave();
}

class Editor {
  constructor(run) {
    Object.assign(this, {run, path: runPath(run.id), picture: null, controls: null, rows: new Map(), what: "output", before: "input"});
    this.showClass = () => {};
    this.line = errorLine();
    this.stage = stageOf(run.size, `The edited picture of ${run.name}`);
    this.changes = new Changes({show: () => this.#showAll(), note: () => this.#showButtons()});
    this.sweep = new Sweep(run, this.path, (attribute) => this.#range(attribute), (attribute, value) => this.#use(attribute, value));
    this.draw = newestOnly(
      async (wanted) => createImageBitmap(await postBlob(`${this.path}/edit?stream=${stream("edit")}`, {picture: wanted.picture, changes: wanted.changes, what: wanted.what})),
      (bitmap, wanted, last) => this.#drawn(bitmap, wanted, last),
      (error) => { this.stage.busy(false); this.line.say(error); });
    this.keys = (event) => undoByKey(event, this.changes);
    document.addEventListener("keydown", this.keys);
    this.element = this.#layOut();
  }

  leave() {
    this.choose.leave();
    document.removeEventListener("keydown", this.keys);
    this.sweep.leave();
  }

  /** Edit another picture. */
  async take(picture) {
    this.picture = picture;
    this.stage.busy(true);
    this.line.say(null);
    try {
      const found = await post(`${this.path}/edit/controls`, {picture});
      if (this.picture !== picture) return;
      this.controls = found;
      this.changes.clear();
      this.#fillList();
      this.#showButtons();
      await Promise.all([this.#showBefore(), this.redraw()]);
      if (found.kind !== "multilabel") return;
      const names = found.controls.map((control) => control.name);
      this.sweep.offer(names);
      this.sweep.of(names.includes(this.sweep.attribute) ? this.sweep.attribute : names.at(-1));
    } catch (error) {
      this.stage.busy(false);
      this.line.say(error);
    }
  }

  /** Draw with the changes as they are; `at` is the time of the event that asked for it. */
  redraw(at = 0) {
    this.stage.busy(true);
    return this.draw({picture: this.picture, changes: this.#given(), what: this.what, at});
  }

  #layOut() {
    const button = (text, title, onclick) => h("button", {type: "button", title, onclick}, text);
    this.undo = button("Undo", "Ctrl+Z", () => this.changes.undo());
    this.redo = button("Redo", "Ctrl+Shift+Z", () => this.changes.redo());
    this.reset = button("Reset", "Reset all", () => this.changes.reset());
    this.list = h("div", {class: "attributes"});
    this.find = h("input", {type: "search", placeholder: "Find an attribute", "aria-label": "Find an attribute", oninput: () => {
      for (const [name, row] of this.rows) row.hidden = !readable(name).toLowerCase().includes(this.find.value.toLowerCase());
    }});
    this.kinds = segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => {
      this.what = to;
      this.redraw();
      this.sweep.soon();
    });
    const sides = segmented("Compare with", [["none", "No divider"], ["input", "Input"], ["reconstruction", "Reconstruction"]], "input", (to) => {
      this.stage.compare(to !== "none");
      if (to !== "none") { this.before = to; this.#showBefore(); }
    });
    this.stage.compare(true);
    const save = h("button", {type: "button", onclick: async () => download(await this.stage.blob(), `${this.run.name}-edited.png`)}, "Download PNG");
    this.choose = chooser(this.run, (picture) => this.take(picture));
    return h("div", {class: "work"},
      h("div", {class: "left"}, this.stage.element, h("div", {class: "row tools"}, this.kinds, sides, this.stage.enlargement, save), this.line, this.sweep.element),
      h("div", {class: "right"},
        h("section", {"aria-label": "Picture"}, this.choose.element),
        h("section", {"aria-label": "Attributes", class: "controls"},
          h("div", {class: "row"}, h("h2", {}, "Attributes"), h("div", {class: "row end"}, this.undo, this.redo, this.reset)), this.find, this.list)));
  }

  /** The controls of the picture at hand. */
  #fillList() {
    const many = this.controls.kind === "multilabel";
    this.rows = new Map(many ? this.controls.controls.map((control) => [control.name, this.#row(control)]) : []);
    const classes = many ? null : classRows(this.controls.controls, this.changes, () => this.redraw());
    this.showClass = classes?.show ?? (() => {});
    this.list.replaceChildren(...(classes?.elements ?? this.rows.values()));
    this.find.hidden = this.rows.size < MANY;
    this.kinds.hidden = !this.controls.has_residual;
    this.sweep.element.hidden = !many;
  }

  #row(control) {
    return attributeRow(control, startOf(control, this.controls.needs_all), {
      begin: () => this.changes.remember(),
      move: (value, time) => { this.#set(control.name, value); this.redraw(time); },
      end: () => { this.#showButtons(); this.sweep.of(control.name); },
      focus: () => { if (this.sweep.attribute !== control.name) this.sweep.of(control.name); },
      reset: () => {
        this.changes.remember();
        this.#set(control.name, null);
        this.#showButtons();
        this.redraw();
        this.sweep.soon();
      },
    });
  }

  #set(name, value) {
    if (value === null) delete this.changes.now[name];
    else this.changes.now[name] = value;
    const others = this.#excluded(name);
    if (value > 0) for (const other of others) delete this.changes.now[other];
    for (const control of this.controls.controls) if (control.name === name || others.includes(control.name)) this.#showRow(control);
  }

  /** The attributes that cannot hold together with one. */
  #excluded(name) {
    return (this.controls.exclusive.find((group) => group.includes(name)) ?? []).filter((other) => other !== name);
  }

  #showRow(control) {
    const value = this.changes.now[control.name];
    const raised = Math.max(0, ...this.#excluded(control.name).map((other) => this.changes.now[other] ?? 0));
    const untouched = startOf(control, this.controls.needs_all) * (1 - Math.min(1, raised));
    this.rows.get(control.name)?.show(value ?? untouched, value !== undefined);
  }

  /** After undo, redo and reset. */
  #showAll() {
    for (const control of this.controls.controls) this.#showRow(control);
    this.showClass();
    this.redraw();
    this.sweep.soon();
  }

  #showButtons() {
    this.undo.disabled = !this.changes.past.length;
    this.redo.disabled = !this.changes.future.length;
    this.reset.disabled = this.changes.isEmpty;
  }

  /** What is sent: only what was changed, and everything where the model cannot read the rest from the picture. */
  #given() {
    if (!this.controls?.needs_all) return {...this.changes.now};
    return Object.fromEntries([...this.rows].map(([name, row]) => [name, Number(row.input.value)]));
  }

  /** The sweep's request: the other attributes as they are. */
  #range(attribute) {
    const control = this.controls.controls.find((entry) => entry.name === attribute);
    const others = this.#given();
    delete others[attribute];
    return {picture: this.picture, changes: others, what: this.what, low: control.low, high: control.high};
  }

  /** A frame of the sweep was chosen. */
  #use(attribute, value) {
    this.changes.remember();
    this.#set(attribute, value);
    this.#showButtons();
    this.redraw();
  }

  #drawn(bitmap, wanted, last) {
    this.line.say(null);
    if (wanted.picture === this.picture) this.stage.show("after", bitmap);
    if (last) this.stage.busy(false);
    if (wanted.at) requestAnimationFrame(() => performance.measure("slider to picture", {start: wanted.at, end: performance.now()}));
  }

  async #showBefore() {
    try {
      const blob = this.before === "input"
        ? await postBlob(`${this.path}/input`, {picture: this.picture})
        : await postBlob(`${this.path}/edit`, {picture: this.picture, changes: this.controls?.needs_all ? this.#given() : {}, what: "output"});
      this.stage.show("before", await createImageBitmap(blob));
    } catch (error) {
      this.line.say(error);
    }
  }
}
