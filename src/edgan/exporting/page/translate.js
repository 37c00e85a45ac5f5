// Translate: draw or drop a source, and its translation follows.

import {download, errorLine, h, segmented, sliderRow, undoByKey} from "./dom.js";
import {LabelCanvas} from "./label_canvas.js";
import {newestOnly} from "./newest.js";
import {chooser} from "./photo.js";
import {canvasOf, toCanvas, toClasses, toTensor} from "./pixels.js";
import {draw} from "./random.js";
import {stageOf} from "./stage.js";

const TOOLS = [["brush", "Brush"], ["rectangle", "Rectangle"], ["fill", "Fill"], ["eyedropper", "Eyedropper"]];

/** The panel of a translator. Its graphs are "translate", and "encode" where a picture gives a style. */
export class Translator {
  constructor(model) {
    const {about} = model;
    Object.assign(this, {model, about, seed: 0, style: null, strength: 1, what: "output", made: null});
    this.ports = about.graphs.translate.inputs.filter((port) => port.name !== "source" && port.name !== "style");
    this.line = errorLine();
    this.stage = stageOf(about.size, "The translation");
    this.canvas = new LabelCanvas(about.size, about.palette[0].colour, {
      changed: () => this.redraw(performance.now()),
      settled: () => { this.undo.disabled = !this.canvas.past.length; this.redo.disabled = !this.canvas.future.length; },
      picked: (colour) => this.#choose(colour),
    });
    this.draw = newestOnly((wanted) => this.#translated(wanted), (made, wanted, last) => this.#drawn(made, wanted, last), (error) => { this.stage.busy(false); this.line.say(error); });
    this.element = h("div", {class: "twin"}, this.#drawing(), this.#translation());
    document.addEventListener("keydown", (event) => undoByKey(event, this.canvas));
    this.#choose(about.palette[Math.min(2, about.palette.length - 1)].colour);
    if (about.examples.length) this.sources.example(0).then(() => { this.canvas.past = []; this.canvas.settled(); });
    else this.redraw();
  }

  /** Translate the drawing; `at` is the time of the stroke. */
  redraw(at = 0) {
    this.stage.busy(true);
    this.draw({at});
  }

  #translated() {
    const {about, model, canvas} = this;
    const rgba = new Uint8ClampedArray(canvas.pixels.buffer.slice(0));
    const source = about.classes ? toClasses(rgba, about.classes) : toTensor(rgba, about.source_channels);
    const noise = Object.fromEntries(this.ports.map(({name, shape, values}, i) =>
      [name, draw(values, shape.slice(1).reduce((total, side) => total * side, 1), this.seed * this.ports.length + i)]));
    return model.run("translate", {source, style: this.style ?? new Float32Array(about.latent ?? 0), ...noise});
  }

  #drawn(made, {at}, last) {
    this.line.say(null);
    this.made = made;
    this.#show();
    if (last) this.stage.busy(false);
    if (at) requestAnimationFrame(() => performance.measure("stroke to picture", {start: at, end: performance.now()}));
  }

  #show() {
    const {made, about, strength} = this;
    if (!made) return;
    const summed = this.what === "output" && strength !== 1 ? made.base.map((value, i) => value + strength * made.residual[i]) : made[this.what];
    this.stage.show("after", toCanvas(summed, about.size, about.channels));
  }

  #choose(colour) {
    this.canvas.colour = colour;
    this.current.style.background = `rgb(${colour.join(" ")})`;
    this.about.palette.forEach((entry, i) => this.swatches[i].setAttribute("aria-pressed", String(String(entry.colour) === String(colour))));
    if (this.canvas.tool === "eyedropper") this.tools.choose("brush");
  }

  #drawing() {
    const {canvas, about} = this;
    this.swatches = about.palette.map(({name, colour}) => h("button", {type: "button", class: "swatch", "aria-pressed": "false", onclick: () => this.#choose(colour)},
      h("span", {class: "chip", style: {background: `rgb(${colour.join(" ")})`}}), name));
    this.current = h("span", {class: "chip current"});
    this.tools = segmented("Tool", TOOLS, "brush", (tool) => { canvas.tool = tool; canvas.corner = null; });
    const width = sliderRow("Brush", {min: 1, max: Math.round(about.size / 3), step: 1, value: canvas.width, text: (v) => `${v} px`, oninput: (value) => { canvas.width = value; }});
    this.undo = h("button", {type: "button", disabled: true, title: "Ctrl+Z", onclick: () => canvas.undo()}, "Undo");
    this.redo = h("button", {type: "button", disabled: true, title: "Ctrl+Shift+Z", onclick: () => canvas.redo()}, "Redo");
    const clear = h("button", {type: "button", onclick: () => canvas.clear(about.palette[0].colour)}, "Clear");
    this.sources = chooser({...about, what: "picture"}, (rgba) => canvas.take(canvasOf(new Uint8ClampedArray(rgba), about.size)));
    return h("section", {class: "drawing", "aria-label": "Source"}, h("div", {class: "frame sharp"}, canvas.canvas),
      h("div", {class: "row tools"}, this.tools, h("div", {class: "row end"}, this.undo, this.redo, clear)), width,
      h("div", {class: "swatches", role: "group", "aria-label": "Colours"}, this.current, this.swatches), this.sources.element);
  }

  #translation() {
    const {about, stage, model} = this, styled = model.takes("translate", "style"), varies = styled || this.ports.length;
    const number = h("span", {class: "small", role: "status"});
    const shown = (ofPicture = false) => { number.textContent = `Variant ${this.seed + 1}${ofPicture ? ", style of a picture" : ""}`; };
    const another = () => {
      this.seed += 1;
      if (styled) this.style = draw("N(0, 1)", about.latent, this.seed + 5000);
      shown();
      this.redraw();
    };
    const variant = h("button", {type: "button", class: "variant", onclick: another}, "Another variant");
    const residual = model.gives("translate", "residual");
    const strength = residual && sliderRow("Strength of the residual", {min: 0, max: 2, step: 0.05, value: 1, text: (v) => v.toFixed(2), oninput: (value) => { this.strength = value; this.#show(); }});
    const kinds = residual && segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => { this.what = to; this.#show(); });
    const styler = model.about.graphs.encode && chooser({...about, examples: [], what: "picture", drops: false}, async (rgba) => {
      try {
        this.style = (await model.run("encode", {image: toTensor(rgba, about.channels)})).style;
        shown(true);
        this.redraw();
      } catch (error) {
        this.line.say(error);
      }
    });
    const plain = h("button", {type: "button", onclick: () => { this.style = null; this.seed = 0; shown(); this.redraw(); }}, "Mean style");
    const save = h("button", {type: "button", class: "save", onclick: async () => download(await stage.blob(), `${about.name}-translated.png`)}, "Save the picture");
    if (varies) shown();
    return h("section", {class: "translation", "aria-label": "Translation"}, stage.element,
      h("div", {class: "row tools"}, kinds, stage.enlargement, varies && variant, varies && number, save), strength, this.line,
      styler && h("div", {class: "styles"}, h("h2", {}, "Style from a picture"), styler.element, plain));
  }
}
