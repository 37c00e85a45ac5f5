// Sample: a grid from seeds, a walk between two, and the nearest training picture.

import {get, getBlob, newestOnly, runPath, stream, url} from "./api.js";
import {download, errorLine, figure, h, sliderRow, textRow, whileBusy} from "./dom.js";
import {hand} from "./edit.js";
import {cutApart, thumb} from "./stage.js";

const COUNT = 24, WALK = 17, HOVER = 350;

export async function open(panel, run) {
  const path = runPath(run.id);
  const line = errorLine();
  const grid = h("div", {class: "grid samples", role: "group", "aria-label": "Samples"});
  const walkPlace = h("section", {class: "walk", "aria-label": "Walk between two samples", hidden: true});
  const about = h("div", {class: "about"}, h("p", {class: "small"}, "Point at a sample to see the training picture that is nearest to it. Choose two samples to walk between them."));
  let first = 0, truncation = 1, chosen = [], hovering = 0;

  const draw = newestOnly(
    async (wanted) => cutApart(await getBlob(`${path}/samples?seeds=${wanted.seeds}&truncation=${wanted.truncation}&stream=${stream("samples")}`)),
    (bitmaps, wanted, last) => {
      line.say(null);
      if (last) grid.classList.remove("busy");
      grid.replaceChildren(...bitmaps.map((bitmap, i) => tile(bitmap, wanted.seeds[i])));
    },
    (error) => { grid.classList.remove("busy"); line.say(error); });
  const redraw = () => {
    grid.classList.add("busy");
    draw({seeds: Array.from({length: COUNT}, (_, i) => first + i), truncation});
    if (chosen.length === 2) walk();
  };

  function tile(bitmap, seed) {
    const button = h("button", {type: "button", class: "picture", "aria-pressed": String(chosen.includes(seed)), "aria-label": `Sample of seed ${seed}`,
      onclick: () => choose(seed), onpointerenter: () => later(seed, bitmap), onfocus: () => later(seed, bitmap), onpointerleave: () => clearTimeout(hovering)}, thumb(bitmap, ""), h("span", {class: "seed"}, String(seed)));
    button.seed = seed;
    return button;
  }
  function choose(seed) {
    chosen = chosen.includes(seed) ? chosen.filter((other) => other !== seed) : [...chosen, seed].slice(-2);
    for (const button of grid.children) button.setAttribute("aria-pressed", String(chosen.includes(button.seed)));
    walkPlace.hidden = chosen.length < 2;
    if (chosen.length === 2) walk();
  }

  // The nearest training picture, after a moment over a sample.
  let shownSeed = null;
  function later(seed, bitmap) {
    clearTimeout(hovering);
    hovering = setTimeout(() => nearest(seed, bitmap), HOVER);
  }
  async function nearest(seed, bitmap) {
    shownSeed = seed;
    const text = h("p", {class: "small", role: "status"}, "Looking for the nearest training picture …");
    const pair = h("div", {class: "pair"}, h("figure", {}, thumb(bitmap, `Sample of seed ${seed}`), h("figcaption", {}, `seed ${seed}`)));
    const edit = run.capabilities.includes("edit") && h("button", {type: "button", onclick: () => hand(run, {seed, truncation})}, "Edit this sample");
    about.replaceChildren(pair, text, edit || "");
    try {
      const found = await get(`${path}/samples/${seed}/nearest?truncation=${truncation}`);
      if (shownSeed !== seed) return;
      const image = h("img", {src: `${url(path)}/pictures/train/${found.index}/image.png`, alt: "The nearest training picture"});
      pair.append(h("figure", {}, image, h("figcaption", {}, "nearest in training")));
      text.textContent = `On average ${figure(found.distance)} of 255 grey values apart; ${found.compared.toLocaleString("en")} training pictures were compared.`;
    } catch (error) {
      text.textContent = error.message;
    }
  }

  // A walk between two samples.
  async function walk() {
    const [from, to] = chosen;
    const walkLine = errorLine();
    const show = h("canvas", {role: "img", "aria-label": `Between seed ${from} and seed ${to}`});
    const query = `first=${from}&last=${to}&truncation=${truncation}`;
    const gif = h("button", {type: "button", onclick: (event) => whileBusy(event.currentTarget, walkLine, async () =>
      download(await getBlob(`${path}/samples/walk?${query}&steps=${WALK}&form=gif`), `${run.name}-${from}-${to}.gif`))}, "Save as GIF");
    try {
      const frames = await cutApart(await getBlob(`${path}/samples/walk?${query}&steps=${WALK}`));
      [show.width, show.height] = [frames[0].width, frames[0].height];
      const place = (i) => show.getContext("2d").drawImage(frames[i], 0, 0);
      const slider = sliderRow(`From seed ${from} to seed ${to}`, {min: 0, max: WALK - 1, step: 1, value: (WALK - 1) / 2, text: (v) => `${Math.round((100 * v) / (WALK - 1))} %`, oninput: place});
      place((WALK - 1) / 2);
      walkPlace.replaceChildren(h("h2", {}, "Walk"), show, slider, gif, walkLine);
    } catch (error) {
      walkPlace.replaceChildren(h("h2", {}, "Walk"), walkLine);
      walkLine.say(error);
    }
  }

  const seed = textRow("First seed", {value: "0", inputmode: "numeric", size: "8", onchange: () => {
    if (!/^\d{1,9}$/.test(seed.input.value)) return line.say("The first seed must be a whole number of at most 9 digits.");
    first = Number(seed.input.value);
    redraw();
  }});
  const next = h("button", {type: "button", class: "main", onclick: () => { first = (first + COUNT) % 1e9; seed.input.value = String(first); redraw(); }}, "New samples");
  const truncate = sliderRow("Truncation", {min: 0, max: 1.5, step: 0.05, value: 1, text: (v) => v.toFixed(2), oninput: (value) => { truncation = value; redraw(); }});
  panel.append(h("h1", {class: "unseen"}, `Samples of ${run.name}`),
    h("div", {class: "work"}, h("div", {class: "left"}, grid, line),
      h("div", {class: "right"}, h("section", {"aria-label": "Seeds"}, h("div", {class: "row"}, seed, next), truncate), h("section", {"aria-label": "Sample", class: "chosen"}, about), walkPlace)));
  redraw();
  return () => clearTimeout(hovering);
}
