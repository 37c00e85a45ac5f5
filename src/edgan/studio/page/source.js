// Choosing a picture: drop, paste or pick a photo and crop it by hand, or take one of the run's data set.

import {cropByHand} from "./crop.js";
import {get, runPath, send, url} from "./api.js";
import {dialog, errorLine, h, segmented} from "./dom.js";

const SHOWN = 60;

/**
 * The chooser of a run's panel. onchange is called with the picture as the interface names it.
 * photos: whether photos can be sent; drops: whether they can also be dropped on the page and pasted; side: which side of
 * a pair the data set shows. Returns {element, leave}; leave ends the listening.
 */
export function chooser(run, onchange, {photos = true, drops = photos, side = "image"} = {}) {
  const line = errorLine();
  const file = h("input", {type: "file", accept: "image/*", hidden: true, "aria-label": "Photo", onchange: () => { take(file.files[0]); file.value = ""; }});
  const drop = h("div", {class: "chooser"},
    photos && h("button", {type: "button", class: drops ? "main" : "", onclick: () => file.click()}, "Choose a photo"),
    h("button", {type: "button", onclick: () => fromSet(run, side, onchange)}, "From the data set"),
    drops && h("p", {class: "small"}, "Or drop a photo here, or paste one."), file);
  const element = h("div", {}, drop, line);

  async function take(chosen) {
    if (!chosen) return;
    line.say(null);
    drop.classList.add("busy");
    try {
      const answer = await (await send(`/photos?run=${encodeURIComponent(run.id)}`, chosen)).json();
      const picture = await cropByHand({...answer, src: `${url("/photos")}/${answer.photo}.png`});
      if (picture) onchange(picture);
    } catch (error) {
      line.say(error);
    } finally {
      drop.classList.remove("busy");
    }
  }
  const pasted = (event) => {
    const item = [...(event.clipboardData?.files ?? [])].find((entry) => entry.type.startsWith("image/"));
    if (item) { event.preventDefault(); take(item); }
  };
  const over = (event) => { event.preventDefault(); drop.classList.add("over"); };
  const out = () => drop.classList.remove("over");
  const dropped = (event) => { event.preventDefault(); out(); take(event.dataTransfer.files[0]); };
  const listeners = drops ? [["paste", pasted], ["dragover", over], ["dragleave", out], ["drop", dropped]] : [];
  for (const [name, listener] of listeners) document.addEventListener(name, listener);
  return {element, line, leave: () => { for (const [name, listener] of listeners) document.removeEventListener(name, listener); }};
}

/** The dialog with the pictures of the run's data set. */
function fromSet(run, side, onchange) {
  const grid = h("div", {class: "grid", role: "group", "aria-label": "Pictures"});
  const line = errorLine();
  const more = h("button", {type: "button", hidden: true, onclick: () => load()}, "Show more");
  let split = "val", first = 0;
  const splits = segmented("Split", [["val", "Held out"], ["train", "Training"], ["test", "Test"]], "val", (to) => { split = to; first = 0; grid.replaceChildren(); load(); });
  const box = dialog("Pictures of the data set", splits, line, grid, more);
  async function load() {
    const wanted = split;
    line.say(null);
    more.hidden = true;
    grid.classList.add("busy");
    try {
      const found = await get(`${runPath(run.id)}/pictures/${split}?first=${first}&count=${SHOWN}`);
      if (split !== wanted) return;
      const at = first;
      grid.append(...found.names.map((name, i) => h("button", {type: "button", class: "picture", "aria-label": name,
        onclick: () => { box.close(); onchange({split: wanted, index: at + i}); }},
        h("img", {src: `${url(runPath(run.id))}/pictures/${wanted}/${at + i}/${side}.png`, alt: "", loading: "lazy", decoding: "async"}))));
      first += found.names.length;
      more.hidden = first >= found.count;
      if (!found.count) line.say("This split holds no pictures.");
    } catch (error) {
      line.say(error);
    } finally {
      grid.classList.remove("busy");
    }
  }
  load();
}
