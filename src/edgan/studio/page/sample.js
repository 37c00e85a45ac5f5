// Sample: a grid from seeds, a walk between two, and the nearest training picture.

import {get, getBlob, newestOnly, runPath, stream, url} from "./api.js";
import {download, errorLine, figure, h, sliderRow, textRow, whileBusy} from "./dom.js";
import {hand} from "./edit.js";
import {cutApart, thumb} from "./stage.js";

const COUNT = 24, WALK = 17, HOVER = 350;

export async function open(panel, run) {
  const samples = new Samples(run);
  panel.append(h("h1", {class: "unseen"}, `Samples of ${run.name}`), samples.element);
  samples.redraw();
  return () => samples.leave();
}

class Samples {
  constructor(run) {
    Object.assign(this, {run, path: runPath(run.id), first: 0, truncation: 1, chosen: [], hovering: 0, shownSeed: null});
    this.line = errorLine();
    this.grid = h("div", {class: "grid samples", role: "group", "aria-label": "Samples"});
    this.walkPlace = h("section", {class: "walk", "aria-label": "Walk between two samples", hidden: true});
    this.about = h("div", {class: "about"}, h("p", {class: "small"}, "Point at a sample to see the training picture that is nearest to it. Choose two samples to walk between them."));
    this.draw = newestOnly(
      async (wanted) => cutApart(await getBlob(`${this.path}/samples?seeds=${wanted.seeds}&truncation=${wanted.truncation}&stream=${stream("samples")}`)),
      (bitmaps, wanted, last) => {
        this.line.say(null);
        if (last) this.grid.classList.remove("busy");
        this.grid.replaceChildren(...bitmaps.map((bitmap, i) => this.#tile(bitmap, wanted.seeds[i])));
      },
      (error) => { this.grid.classList.remove("busy"); this.line.say(error); });
    this.element = this.#layOut();
  }

  leave() { clearTimeout(this.hovering); }

  redraw() {
    this.grid.classList.add("busy");
    this.draw({seeds: Array.from({length: COUNT}, (_, i) => this.first + i), truncation: this.truncation});
    if (this.chosen.length === 2) this.#walk();
  }

  #layOut() {
    const seed = textRow("First seed", {value: "0", inputmode: "numeric", size: "8", onchange: () => {
      if (!/^\d{1,9}$/.test(seed.input.value)) return this.line.say("The first seed must be a whole number of at most 9 digits.");
      this.first = Number(seed.input.value);
      this.redraw();
    }});
    const more = () => { this.first = (this.first + COUNT) % 1e9; seed.input.value = String(this.first); this.redraw(); };
    const next = h("button", {type: "button", class: "main", onclick: more}, "New samples");
    const truncate = sliderRow("Truncation", {min: 0, max: 1.5, step: 0.05, value: 1, text: (v) => v.toFixed(2), oninput: (value) => { this.truncation = value; this.redraw(); }});
    return h("div", {class: "work"}, h("div", {class: "left"}, this.grid, this.line),
      h("div", {class: "right"}, h("section", {"aria-label": "Seeds"}, h("div", {class: "row"}, seed, next), truncate), h("section", {"aria-label": "Sample", class: "chosen"}, this.about), this.walkPlace));
  }

  #tile(bitmap, seed) {
    const later = () => this.#later(seed, bitmap);
    const button = h("button", {type: "button", class: "picture", "aria-pressed": String(this.chosen.includes(seed)), "aria-label": `Sample of seed ${seed}`,
      onclick: () => this.#choose(seed), onpointerenter: later, onfocus: later, onpointerleave: () => clearTimeout(this.hovering)}, thumb(bitmap, ""), h("span", {class: "seed"}, String(seed)));
    button.seed = seed;
    return button;
  }

  #choose(seed) {
    this.chosen = this.chosen.includes(seed) ? this.chosen.filter((other) => other !== seed) : [...this.chosen, seed].slice(-2);
    for (const button of this.grid.children) button.setAttribute("aria-pressed", String(this.chosen.includes(button.seed)));
    this.walkPlace.hidden = this.chosen.length < 2;
    if (this.chosen.length === 2) this.#walk();
  }

  /** The nearest training picture, after a moment over a sample. */
  #later(seed, bitmap) {
    clearTimeout(this.hovering);
    this.hovering = setTimeout(() => this.#nearest(seed, bitmap), HOVER);
  }

  async #nearest(seed, bitmap) {
    this.shownSeed = seed;
    const {run, path, truncation} = this;
    const text = h("p", {class: "small", role: "status"}, "Looking for the nearest training picture …");
    const pair = h("div", {class: "pair"}, h("figure", {}, thumb(bitmap, `Sample of seed ${seed}`), h("figcaption", {}, `seed ${seed}`)));
    const edit = run.capabilities.includes("edit") && h("button", {type: "button", onclick: () => hand(run, {seed, truncation})}, "Edit this sample");
    this.about.replaceChildren(pair, text, edit || "");
    try {
      const found = await get(`${path}/samples/${seed}/nearest?truncation=${truncation}`);
      if (this.shownSeed !== seed) return;
      const image = h("img", {src: `${url(path)}/pictures/train/${found.index}/image.png`, alt: "The nearest training picture"});
      pair.append(h("figure", {}, image, h("figcaption", {}, "nearest in training")));
      text.textContent = `On average ${figure(found.distance)} of 255 grey values apart; ${found.compared.toLocaleString("en")} training pictures were compared.`;
    } catch (error) {
      text.textContent = error.message;
    }
  }

  async #walk() {
    const [from, to] = this.chosen;
    const line = errorLine();
    const show = h("canvas", {role: "img", "aria-label": `Between seed ${from} and seed ${to}`});
    const query = `first=${from}&last=${to}&truncation=${this.truncation}`;
    const gif = h("button", {type: "button", onclick: (event) => whileBusy(event.currentTarget, line, async () =>
      download(await getBlob(`${this.path}/samples/walk?${query}&steps=${WALK}&form=gif`), `${this.run.name}-${from}-${to}.gif`))}, "Save as GIF");
    try {
      const frames = await cutApart(await getBlob(`${this.path}/samples/walk?${query}&steps=${WALK}`));
      [show.width, show.height] = [frames[0].width, frames[0].height];
      const place = (i) => show.getContext("2d").drawImage(frames[i], 0, 0);
      const slider = sliderRow(`From seed ${from} to seed ${to}`, {min: 0, max: WALK - 1, step: 1, value: (WALK - 1) / 2, text: (v) => `${Math.round((100 * v) / (WALK - 1))} %`, oninput: place});
      place((WALK - 1) / 2);
      this.walkPlace.replaceChildren(h("h2", {}, "Walk"), show, slider, gif, line);
    } catch (error) {
      this.walkPlace.replaceChildren(h("h2", {}, "Walk"), line);
      line.say(error);
    }
  }
}
