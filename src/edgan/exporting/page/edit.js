// Edit or reconstruct: a photo, a slider for each attribute, and the picture that follows.

import {attributeRow, classRows, startOf} from "./attributes.js";
import {Changes} from "./changes.js";
import {download, errorLine, h, segmented, undoByKey} from "./dom.js";
import {newestOnly} from "./newest.js";
import {chooser} from "./photo.js";
import {canvasOf, toCanvas, toTensor} from "./pixels.js";
import {draw} from "./random.js";
import {stageOf} from "./stage.js";

/** The panel of a model that reads photos. Its graphs are "encode", and "redraw" or, where nothing can be edited, "decode". */
export class Editor {
  constructor(model) {
    const {about} = model;
    Object.assign(this, {model, about, read: null, what: "output", before: "input", rows: new Map(), seed: 0});
    this.graph = about.controls ? "redraw" : "decode";
    this.controls = (about.controls?.items ?? []).map((item) => ({...item, encoded: null}));
    this.line = errorLine();
    this.stage = stageOf(about.size, about.controls ? "The edited picture" : "The reconstruction");
    this.changes = new Changes({show: () => this.#showAll(), note: () => this.#showButtons()});
    this.photos = chooser(about, (rgba) => this.take(rgba));
    this.draw = newestOnly((wanted) => this.#drawn(wanted), (made, wanted) => this.#show(made, wanted), (error) => { this.stage.busy(false); this.line.say(error); });
    this.showClass = () => {};
    this.element = this.#layOut();
    document.addEventListener("keydown", (event) => undoByKey(event, this.changes));
    if (about.examples.length) this.photos.example(0);
    else if (about.prior) this.#invent();
  }

  /** Take the pixels of a photo, (S, S, 4). */
  async take(rgba) {
    const {about, model} = this;
    this.stage.busy(true);
    this.line.say(null);
    try {
      this.read = await model.run("encode", {image: toTensor(rgba, about.channels)});
      this.input = about.channels === 1 ? toCanvas(toTensor(rgba, 1), about.size, 1) : canvasOf(new Uint8ClampedArray(rgba), about.size);
      await this.#begin();
    } catch (error) {
      this.stage.busy(false);
      this.line.say(error);
    }
  }

  /** Draw with the changes as they are; `at` is the time of the event that asked for it. */
  redraw(at = 0) {
    if (!this.read) return null;
    this.stage.busy(true);
    return this.draw({read: this.read, changes: this.#given(), what: this.what, at});
  }

  async #begin() {
    this.controls.forEach((control, i) => { control.encoded = this.read.attributes ? this.read.attributes[i] : this.about.controls.neutral; });
    this.changes.clear();
    this.#fillList();
    this.#showButtons();
    this.element.classList.remove("empty-stage");
    this.first = toCanvas((await this.#drawn({read: this.read, changes: this.about.controls?.needs_all ? this.#given() : {}})).output, this.about.size, this.about.channels);
    this.#showBefore();
    return this.redraw();
  }

  /** A picture of the prior: a latent that belongs to no photo. */
  async #invent() {
    const {about} = this;
    this.seed += 1;
    const attributes = about.controls ? Float32Array.from(draw("U(0, 1)", this.controls.length, this.seed + 1000), (value, i) => Number(value < this.controls[i].frequency)) : undefined;
    if (about.controls?.kind === "multiclass") attributes.fill(0)[this.seed % this.controls.length] = 1;
    this.read = {z: draw(about.prior, about.latent, this.seed), ...(this.model.takes(this.graph, "attributes") ? {attributes} : {})};
    this.input = null;
    await this.#begin();
  }

  async #drawn({read, changes}) {
    const {model, controls, graph} = this;
    const given = {z: read.z, attributes: read.attributes};
    if (this.about.controls) {
      given.intensities = Float32Array.from(controls, (control) => changes[control.name] ?? 0);
      given.chosen = Float32Array.from(controls, (control) => Number(control.name in changes));
    }
    return model.run(graph, given);
  }

  #show(made, {read, what, at}) {
    if (read !== this.read) return;
    this.line.say(null);
    this.made = made;
    this.stage.show("after", toCanvas(made[what], this.about.size, this.about.channels));
    this.stage.busy(false);
    if (at) requestAnimationFrame(() => performance.measure("slider to picture", {start: at, end: performance.now()}));
  }

  #showBefore() {
    const picture = this.before === "input" && this.input ? this.input : this.first;
    if (picture) this.stage.show("before", picture);
  }

  #layOut() {
    const {about} = this;
    const button = (text, title, onclick) => h("button", {type: "button", title, onclick}, text);
    this.undo = button("Undo", "Ctrl+Z", () => this.changes.undo());
    this.redo = button("Redo", "Ctrl+Shift+Z", () => this.changes.redo());
    this.reset = button("Reset", "Reset all", () => this.changes.reset());
    this.list = h("div", {class: "attributes"});
    const kinds = this.model.gives(this.graph, "residual") && segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => { this.what = to; this.redraw(); });
    const choices = about.controls ? [["input", "Input"], ["reconstruction", "Reconstruction"], ["none", "No divider"]] : [["input", "Input"], ["none", "No divider"]];
    const sides = segmented("Compare with", choices, "input", (to) => {
      this.stage.compare(to !== "none");
      if (to !== "none") { this.before = to; this.#showBefore(); }
    });
    this.stage.compare(true);
    const save = h("button", {type: "button", class: "save", onclick: async () => download(await this.stage.blob(), `${about.name}-${about.controls ? "edited" : "reconstructed"}.png`)}, "Save the picture");
    const invent = about.prior && button("A new picture", "Draw one that belongs to no photo", () => this.#invent());
    return h("div", {class: "work empty-stage"},
      h("div", {class: "left"}, this.stage.element, h("div", {class: "row tools"}, sides, kinds, this.stage.enlargement, save), this.line),
      h("div", {class: "right"},
        about.controls && h("section", {"aria-label": "Attributes", class: "controls"},
          h("div", {class: "row"}, h("h2", {}, about.controls.kind === "multiclass" ? "Class" : "Attributes"), h("div", {class: "row end"}, this.undo, this.redo, this.reset)), this.list),
        h("section", {"aria-label": "Photo"}, h("h2", {}, "Picture"), this.photos.element, invent)));
  }

  #fillList() {
    const {controls, about} = this;
    if (!about.controls) return;
    const many = about.controls.kind === "multilabel";
    this.rows = new Map(many ? controls.map((control) => [control.name, this.#row(control)]) : []);
    const classes = many ? null : classRows(controls, this.changes, () => this.redraw());
    this.showClass = classes?.show ?? (() => {});
    this.list.replaceChildren(...(classes?.elements ?? this.rows.values()));
  }

  #row(control) {
    return attributeRow(control, startOf(control, this.about.controls.needs_all), {
      begin: () => this.changes.remember(),
      move: (value, time) => { this.#set(control, value); this.redraw(time); },
      end: () => this.#showButtons(),
      focus: () => {},
      reset: () => { this.changes.remember(); this.#set(control, null); this.#showButtons(); this.redraw(); },
    });
  }

  #set(control, value) {
    if (value === null) delete this.changes.now[control.name];
    else this.changes.now[control.name] = value;
    this.#showRow(control);
  }

  #showRow(control) {
    const value = this.changes.now[control.name];
    this.rows.get(control.name)?.show(value ?? startOf(control, this.about.controls.needs_all), value !== undefined);
  }

  #showAll() {
    for (const control of this.controls) this.#showRow(control);
    this.showClass();
    this.redraw();
  }

  #showButtons() {
    this.undo.disabled = !this.changes.past.length;
    this.redo.disabled = !this.changes.future.length;
    this.reset.disabled = this.changes.isEmpty;
  }

  /** The changes; all values where the model cannot read the rest from the picture. */
  #given() {
    if (!this.about.controls?.needs_all) return {...this.changes.now};
    return Object.fromEntries(this.controls.map((control) => [control.name, Number(this.rows.get(control.name).input.value)]));
  }
}
