// Translate: draw a label map, and the picture follows each stroke.

import {get, getBlob, newestOnly, runPath, send, stream} from "./api.js";
import {download, errorLine, h, segmented, sliderRow} from "./dom.js";
import {LabelCanvas} from "./label_canvas.js";
import {chooser} from "./source.js";
import {stageOf} from "./stage.js";

const TOOLS = [["brush", "Brush"], ["rectangle", "Rectangle"], ["fill", "Fill"], ["eyedropper", "Eyedropper"]];

export async function open(panel, run) {
  const path = runPath(run.id);
  const found = await get(`${path}/translate`);
  const line = errorLine();
  const stage = stageOf(found.size, `The translation by ${run.name}`);
  let seed = 0, strength = 1, what = "output", style = null;

  const translate = newestOnly(
    async ({at}) => {
      const query = new URLSearchParams({seed, strength, what, stream: stream("translate"), ...(style ? {style} : {})});
      return [await createImageBitmap(await (await send(`${path}/translate?${query}`, await canvas.blob())).blob()), at];
    },
    ([bitmap, at], _, last) => {
      line.say(null);
      stage.show("after", bitmap);
      if (last) stage.busy(false);
      requestAnimationFrame(() => performance.measure("stroke to picture", {start: at, end: performance.now()}));
    },
    (error) => { stage.busy(false); line.say(error); });
  const redraw = () => { stage.busy(true); translate({at: performance.now()}); };

  const canvas = new LabelCanvas(found.size, found.colours[0].colour, {
    changed: redraw,
    settled: () => { undo.disabled = !canvas.past.length; redo.disabled = !canvas.future.length; },
    picked: (colour) => choose(colour),
  });

  // Colours and tools.
  const swatches = found.colours.map(({name, colour}) => h("button", {type: "button", class: "swatch", "aria-pressed": "false", onclick: () => choose(colour)},
    h("span", {class: "chip", style: {background: `rgb(${colour.join(" ")})`}}), name));
  const current = h("span", {class: "chip current"});
  function choose(colour) {
    canvas.colour = colour;
    current.style.background = `rgb(${colour.join(" ")})`;
    found.colours.forEach((entry, i) => swatches[i].setAttribute("aria-pressed", String(String(entry.colour) === String(colour))));
    if (canvas.tool === "eyedropper") tools.choose("brush");
  }
  const tools = segmented("Tool", TOOLS, "brush", (tool) => { canvas.tool = tool; canvas.corner = null; });
  const width = sliderRow("Brush", {min: 1, max: Math.round(found.size / 3), step: 1, value: canvas.width, text: (v) => `${v} px`, oninput: (value) => { canvas.width = value; }});
  const undo = h("button", {type: "button", disabled: true, title: "Ctrl+Z", onclick: () => canvas.undo()}, "Undo");
  const redo = h("button", {type: "button", disabled: true, title: "Ctrl+Shift+Z", onclick: () => canvas.redo()}, "Redo");
  const clear = h("button", {type: "button", onclick: () => canvas.clear(found.colours[0].colour)}, "Clear");
  const keys = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.shiftKey ? canvas.redo() : canvas.undo();
  };
  document.addEventListener("keydown", keys);

  // Where a map comes from.
  async function takeStored({split, index}) {
    try {
      canvas.take(await createImageBitmap(await getBlob(`${path}/pictures/${split}/${index}/source.png`)));
    } catch (error) {
      line.say(error);
    }
  }
  async function takeFile(file) {
    if (!file) return;
    try {
      canvas.take(await createImageBitmap(file));
    } catch {
      line.say(`${file.name} is not an image that this browser can open. Save it as PNG and try again.`);
    }
  }
  const fromSet = chooser(run, takeStored, {photos: false, side: "source"});
  const file = h("input", {type: "file", accept: "image/*", hidden: true, "aria-label": "Label map", onchange: () => { takeFile(file.files[0]); file.value = ""; }});
  const dropped = (event) => { event.preventDefault(); takeFile(event.dataTransfer.files[0]); };
  document.addEventListener("drop", dropped);

  // What varies.
  const variant = h("button", {type: "button", onclick: () => { seed += 1; if (found.styles && !style) style = "random"; shown(); redraw(); }}, "Another variant");
  const number = h("span", {class: "small", role: "status"});
  const shown = () => { number.textContent = `Variant ${seed + 1}${style && style !== "random" ? ", style of a picture" : ""}`; };
  shown();
  const residual = sliderRow("Strength of the residual", {min: 0, max: 2, step: 0.05, value: 1, text: (v) => v.toFixed(2), oninput: (value) => { strength = value; redraw(); }});
  const kinds = segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => { what = to; redraw(); });
  const styler = found.styles ? chooser(run, (picture) => { style = picture.photo ?? `${picture.split}/${picture.index}`; shown(); redraw(); }, {drops: false}) : null;
  const plain = h("button", {type: "button", onclick: () => { style = null; shown(); redraw(); }}, "No style");

  panel.append(
    h("h1", {class: "unseen"}, `Translate with ${run.name}`),
    h("div", {class: "twin"},
      h("section", {class: "drawing", "aria-label": "Label map"}, h("div", {class: "frame sharp"}, canvas.canvas),
        h("div", {class: "row tools"}, tools, h("div", {class: "row end"}, undo, redo, clear)), width,
        h("div", {class: "swatches", role: "group", "aria-label": "Colours"}, current, swatches),
        h("div", {class: "row maps"}, h("button", {type: "button", onclick: () => file.click()}, "Open a label map"), fromSet.element, file)),
      h("section", {class: "translation", "aria-label": "Translation"}, stage.element,
        h("div", {class: "row tools"}, found.has_residual && kinds, stage.enlargement, (found.variants || found.styles) && variant, (found.variants || found.styles) && number,
          h("button", {type: "button", onclick: async () => download(await stage.blob(), `${run.name}-translated.png`)}, "Download PNG")),
        found.has_residual && residual, line,
        styler && h("div", {class: "styles"}, h("h2", {}, "Style from a picture"), styler.element, plain))));
  stage.busy(true);
  choose(found.colours[Math.min(2, found.colours.length - 1)].colour);
  await takeStored({split: "val", index: 0});
  canvas.past = [];
  canvas.settled();
  return () => { fromSet.leave(); styler?.leave(); document.removeEventListener("keydown", keys); document.removeEventListener("drop", dropped); };
}
