// Translate: draw a label map, and the picture follows each stroke.

import {get, getBlob, newestOnly, runPath, send, stream} from "./api.js";
import {download, errorLine, h, segmented, sliderRow, undoByKey} from "./dom.js";
import {LabelCanvas} from "./label_canvas.js";
import {chooser} from "./source.js";
import {stageOf} from "./stage.js";

const TOOLS = [["brush", "Brush"], ["rectangle", "Rectangle"], ["fill", "Fill"], ["eyedropper", "Eyedropper"]];

export async function open(panel, run) {
  const translator = new Translator(run, await get(`${runPath(run.id)}/translate`));
  panel.append(h("h1", {class: "unseen"}, `Translate with ${run.name}`), translator.element);
  await translator.begin();
  return () => translator.leave();
}

class Translator {
  constructor(run, about) {
    Object.assign(this, {run, about, path: runPath(run.id), seed: 0, strength: 1, what: "output", style: null});
    this.line = errorLine();
    this.stage = stageOf(about.size, `The translation by ${run.name}`);
    this.canvas = new LabelCanvas(about.size, about.colours[0].colour, {
      changed: () => this.redraw(),
      settled: () => { this.undo.disabled = !this.canvas.past.length; this.redo.disabled = !this.canvas.future.length; },
      picked: (colour) => this.#choose(colour),
    });
    this.translate = newestOnly(
      async ({at}) => [await this.#translated(), at],
      ([bitmap, at], _, last) => this.#drawn(bitmap, at, last),
      (error) => { this.stage.busy(false); this.line.say(error); });
    this.keys = (event) => undoByKey(event, this.canvas);
    this.dropped = (event) => { event.preventDefault(); this.#takeFile(event.dataTransfer.files[0]); };
    document.addEventListener("keydown", this.keys);
    document.addEventListener("drop", this.dropped);
    this.element = h("div", {class: "twin"}, this.#drawing(), this.#translation());
  }

  /** Begin with a map of the data set. */
  async begin() {
    this.stage.busy(true);
    this.#choose(this.about.colours[Math.min(2, this.about.colours.length - 1)].colour);
    await this.#takeStored({split: "val", index: 0});
    this.canvas.past = [];
    this.canvas.settled();
  }

  leave() {
    this.fromSet.leave();
    this.styler?.leave();
    document.removeEventListener("keydown", this.keys);
    document.removeEventListener("drop", this.dropped);
  }

  redraw() {
    this.stage.busy(true);
    this.translate({at: performance.now()});
  }

  async #translated() {
    const query = new URLSearchParams({seed: this.seed, strength: this.strength, what: this.what, stream: stream("translate"), ...(this.style ? {style: this.style} : {})});
    return createImageBitmap(await (await send(`${this.path}/translate?${query}`, await this.canvas.blob())).blob());
  }

  #drawn(bitmap, at, last) {
    this.line.say(null);
    this.stage.show("after", bitmap);
    if (last) this.stage.busy(false);
    requestAnimationFrame(() => performance.measure("stroke to picture", {start: at, end: performance.now()}));
  }

  /** Draw with this colour. */
  #choose(colour) {
    this.canvas.colour = colour;
    this.current.style.background = `rgb(${colour.join(" ")})`;
    this.about.colours.forEach((entry, i) => this.swatches[i].setAttribute("aria-pressed", String(String(entry.colour) === String(colour))));
    if (this.canvas.tool === "eyedropper") this.tools.choose("brush");
  }

  /** The label map with its tools, colours and sources. */
  #drawing() {
    const {canvas, about} = this;
    this.swatches = about.colours.map(({name, colour}) => h("button", {type: "button", class: "swatch", "aria-pressed": "false", onclick: () => this.#choose(colour)},
      h("span", {class: "chip", style: {background: `rgb(${colour.join(" ")})`}}), name));
    this.current = h("span", {class: "chip current"});
    this.tools = segmented("Tool", TOOLS, "brush", (tool) => { canvas.tool = tool; canvas.corner = null; });
    const width = sliderRow("Brush", {min: 1, max: Math.round(about.size / 3), step: 1, value: canvas.width, text: (v) => `${v} px`, oninput: (value) => { canvas.width = value; }});
    this.undo = h("button", {type: "button", disabled: true, title: "Ctrl+Z", onclick: () => canvas.undo()}, "Undo");
    this.redo = h("button", {type: "button", disabled: true, title: "Ctrl+Shift+Z", onclick: () => canvas.redo()}, "Redo");
    const clear = h("button", {type: "button", onclick: () => canvas.clear(about.colours[0].colour)}, "Clear");
    this.fromSet = chooser(this.run, (stored) => this.#takeStored(stored), {photos: false, side: "source"});
    const file = h("input", {type: "file", accept: "image/*", hidden: true, "aria-label": "Label map", onchange: () => { this.#takeFile(file.files[0]); file.value = ""; }});
    return h("section", {class: "drawing", "aria-label": "Label map"}, h("div", {class: "frame sharp"}, canvas.canvas),
      h("div", {class: "row tools"}, this.tools, h("div", {class: "row end"}, this.undo, this.redo, clear)), width,
      h("div", {class: "swatches", role: "group", "aria-label": "Colours"}, this.current, this.swatches),
      h("div", {class: "row maps"}, h("button", {type: "button", onclick: () => file.click()}, "Open a label map"), this.fromSet.element, file));
  }

  /** The translation with what varies it. */
  #translation() {
    const {about, stage} = this, varies = about.variants || about.styles;
    const number = h("span", {class: "small", role: "status"});
    const shown = () => { number.textContent = `Variant ${this.seed + 1}${this.style && this.style !== "random" ? ", style of a picture" : ""}`; };
    const again = () => { shown(); this.redraw(); };
    const another = () => { this.seed += 1; if (about.styles && !this.style) this.style = "random"; again(); };
    const variant = h("button", {type: "button", onclick: another}, "Another variant");
    const residual = sliderRow("Strength of the residual", {min: 0, max: 2, step: 0.05, value: 1, text: (v) => v.toFixed(2), oninput: (value) => { this.strength = value; this.redraw(); }});
    const kinds = segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => { this.what = to; this.redraw(); });
    const styled = (picture) => { this.style = picture.photo ?? `${picture.split}/${picture.index}`; again(); };
    this.styler = about.styles ? chooser(this.run, styled, {drops: false}) : null;
    const plain = h("button", {type: "button", onclick: () => { this.style = null; again(); }}, "No style");
    const save = h("button", {type: "button", onclick: async () => download(await stage.blob(), `${this.run.name}-translated.png`)}, "Download PNG");
    shown();
    return h("section", {class: "translation", "aria-label": "Translation"}, stage.element,
      h("div", {class: "row tools"}, about.has_residual && kinds, stage.enlargement, varies && variant, varies && number, save),
      about.has_residual && residual, this.line,
      this.styler && h("div", {class: "styles"}, h("h2", {}, "Style from a picture"), this.styler.element, plain));
  }

  // Where a map comes from.
  async #takeStored({split, index}) {
    try {
      this.canvas.take(await createImageBitmap(await getBlob(`${this.path}/pictures/${split}/${index}/source.png`)));
    } catch (error) {
      this.line.say(error);
    }
  }

  async #takeFile(file) {
    if (!file) return;
    try {
      this.canvas.take(await createImageBitmap(file));
    } catch {
      this.line.say(`${file.name} is not an image that this browser can open. Save it as PNG and try again.`);
    }
  }
}
