// Sample: pictures from seeds, and sliders that move the chosen one along the directions that change pictures most.

import {download, errorLine, h, segmented, sliderRow} from "./dom.js";
import {newestOnly} from "./newest.js";
import {toCanvas} from "./pixels.js";
import {draw} from "./random.js";
import {stageOf} from "./stage.js";

const SHOWN = 12, FAR = 3;

/** The panel of a model that draws pictures from a latent by its graph "decode". */
export class Sampler {
  constructor(model) {
    const {about} = model;
    Object.assign(this, {model, about, first: 0, chosen: 0, moved: about.directions.map(() => 0), what: "output"});
    this.line = errorLine();
    this.stage = stageOf(about.size, "The chosen picture");
    this.draw = newestOnly((wanted) => model.run("decode", {z: wanted.z}), (made, wanted, last) => this.#show(made, wanted, last), (error) => { this.stage.busy(false); this.line.say(error); });
    this.element = this.#layOut();
    this.#drawMany();
  }

  /** Draw the chosen picture with the sliders as they are. */
  redraw(at = 0) {
    this.stage.busy(true);
    return this.draw({z: this.#latent(), what: this.what, at});
  }

  #latent() {
    const z = Float32Array.from(this.#of(this.chosen));
    this.about.directions.forEach((direction, i) => direction.forEach((part, j) => { z[j] += this.moved[i] * part; }));
    if (this.about.prior === "U(-1, 1)") z.forEach((value, i) => { z[i] = Math.min(1, Math.max(-1, value)); });
    return z;
  }

  #of(seed) {
    return draw(this.about.prior, this.about.latent, seed);
  }

  #show(made, {what, at}, last) {
    this.line.say(null);
    this.stage.show("after", toCanvas(made[what], this.about.size, this.about.channels));
    if (last) this.stage.busy(false);
    if (at) requestAnimationFrame(() => performance.measure("slider to picture", {start: at, end: performance.now()}));
  }

  async #drawMany() {
    const {about, model} = this, z = new Float32Array(SHOWN * about.latent);
    for (let i = 0; i < SHOWN; i++) z.set(this.#of(this.first + i), i * about.latent);
    try {
      const made = await model.run("decode", {z}, SHOWN);
      this.grid.replaceChildren(...Array.from({length: SHOWN}, (_, i) => {
        const picture = toCanvas(made.output, about.size, about.channels, i);
        picture.setAttribute("aria-hidden", "true");
        return h("button", {type: "button", class: "picture", value: String(this.first + i), "aria-label": `Seed ${this.first + i}`, onclick: () => this.#choose(this.first + i)},
          picture, h("span", {class: "seed"}, String(this.first + i)));
      }));
      this.#choose(this.first);
    } catch (error) {
      this.line.say(error);
    }
  }

  #choose(seed) {
    this.chosen = seed;
    for (const button of this.grid.children) button.setAttribute("aria-pressed", String(Number(button.value) === seed));
    this.#reset();
  }

  #reset() {
    this.moved.fill(0);
    for (const row of this.rows) row.set(0);
    this.redraw();
  }

  #layOut() {
    const {about} = this;
    this.grid = h("div", {class: "grid samples", role: "group", "aria-label": "Samples"});
    this.rows = about.directions.map((_, i) => sliderRow(`Direction ${i + 1}`, {min: -FAR, max: FAR, step: 0.05, value: 0, text: (value) => value.toFixed(2),
      oninput: (value) => { this.moved[i] = value; this.redraw(performance.now()); }}));
    const others = h("button", {type: "button", class: "main", onclick: () => { this.first += SHOWN; this.#drawMany(); }}, "Draw others");
    const kinds = this.model.gives("decode", "residual") && segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => { this.what = to; this.redraw(); });
    const save = h("button", {type: "button", class: "save", onclick: async () => download(await this.stage.blob(), `${about.name}-${this.chosen}.png`)}, "Save the picture");
    return h("div", {class: "work"},
      h("div", {class: "left"}, this.stage.element, h("div", {class: "row tools"}, kinds, this.stage.enlargement, save), this.line),
      h("div", {class: "right"},
        h("section", {"aria-label": "Directions", class: "controls"},
          h("div", {class: "row"}, h("h2", {}, "Directions"), h("button", {type: "button", class: "row end", onclick: () => this.#reset()}, "Reset")), this.rows),
        h("section", {"aria-label": "Samples"}, h("div", {class: "row"}, h("h2", {}, "Samples"), h("div", {class: "row end"}, others)), this.grid)));
  }
}
