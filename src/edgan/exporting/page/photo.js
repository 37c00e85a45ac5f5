// Photos: chosen, taken with the camera, dropped, pasted, or one of the page's examples. None leaves this device.

import {blurredTo} from "./blur.js";
import {cropByHand} from "./crop.js";
import {errorLine, h} from "./dom.js";
import {resized} from "./resize.js";

const LARGEST = 2048;
const ALIGNED = [178, 218];
/** The nearest whole number, and of two the even one, as Python rounds. */
const toEven = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** The square that the model's crop takes of a picture, {box: [left, top, side], whole}; whole: it is the largest centred square. */
export function placed(crop, width, height) {
  const short = Math.min(width, height);
  let box = crop.box && [crop.box[0], crop.box[1], crop.box[2] - crop.box[0]];
  if (crop.aligned) box = width * ALIGNED[1] === height * ALIGNED[0] && box.map((edge) => toEven((edge * width) / ALIGNED[0]));
  if (box && box[0] + box[2] <= width && box[1] + box[2] <= height) return {box, whole: false};
  const centred = crop.side && crop.side <= short ? crop.side : short;
  return {box: [Math.floor((width - centred) / 2), Math.floor((height - centred) / 2), centred], whole: centred === short};
}

/** The photo of a file, with its pixels over white. Large photos are made smaller: the model sees few pixels of them. */
async function read(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, {imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none"});
  } catch {
    throw new Error(`${file.name || "This file"} is not a picture that this browser can open. Save it as JPEG or PNG and try again.`);
  }
  const scale = Math.min(1, LARGEST / Math.min(bitmap.width, bitmap.height));
  const canvas = h("canvas", {});
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return {canvas, width: canvas.width, height: canvas.height, data: context.getImageData(0, 0, canvas.width, canvas.height).data};
}

/**
 * The chooser. take(rgba) is called with the pixels of a photo, (size, size, 4); examples: [{name, src}].
 * Returns {element, example(i)}; example(i) takes an example.
 */
export function chooser({crop, size, examples, what = "photo", drops = true}, take) {
  const line = errorLine();
  let photo = null, square = null;
  const input = (properties) => h("input", {type: "file", accept: "image/*", hidden: true, ...properties,
    onchange: (event) => { from(event.target.files[0]); event.target.value = ""; }});
  const file = input({"aria-label": `Choose a ${what}`, class: "from-file"});
  const camera = input({"aria-label": "Take a photo", capture: "user"});
  const again = h("button", {type: "button", hidden: true, onclick: byHand}, "Crop by hand");
  const shots = matchMedia("(pointer: coarse)").matches;
  const drop = h("div", {class: "chooser"},
    h("button", {type: "button", class: drops ? "main" : "", onclick: () => file.click()}, `Choose a ${what}`),
    shots && what === "photo" && h("button", {type: "button", onclick: () => camera.click()}, "Take a photo"), again,
    drops && !shots && h("p", {class: "small"}, `Or drop a ${what} here, or paste one. It stays on this device.`),
    drops && shots && h("p", {class: "small"}, "It stays on this device."), file, camera);
  const shown = examples.map((example, i) => h("button", {type: "button", class: "picture", "aria-label": `Example ${example.name}`, onclick: () => takeExample(i)},
    h("img", {src: example.src, alt: ""})));
  const element = h("div", {class: "photos"}, drop, shown.length ? h("div", {class: "examples", role: "group", "aria-label": "Examples"}, shown) : null, line);

  function use() {
    const {box, whole} = square;
    take(crop.blur && !whole ? blurredTo(resized(photo, box, box[2]), box[2], size) : resized(photo, box, size, !whole));
    again.hidden = photo.width === size && photo.height === size;
  }
  async function from(chosen) {
    if (!chosen) return;
    line.say(null);
    try {
      photo = await read(chosen);
      square = placed(crop, photo.width, photo.height);
      use();
      if (crop.face && !again.hidden) await byHand();
    } catch (error) {
      line.say(error);
    }
  }
  async function byHand() {
    const src = URL.createObjectURL(await new Promise((resolve) => photo.canvas.toBlob(resolve, "image/jpeg", 0.9)));
    const chosen = await cropByHand({photo: "", src, width: photo.width, height: photo.height, box: square.box});
    URL.revokeObjectURL(src);
    if (!chosen) return;
    square = {box: [chosen.box.left, chosen.box.top, chosen.box.side], whole: true};
    use();
  }
  async function takeExample(i) {
    const picture = shown[i].firstChild;
    await picture.decode();
    const canvas = h("canvas", {});
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    again.hidden = true;
    line.say(null);
    take(context.getImageData(0, 0, size, size).data);
  }
  const over = (event) => { event.preventDefault(); drop.classList.add("over"); };
  const out = () => drop.classList.remove("over");
  if (drops) {
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", out);
    document.addEventListener("drop", (event) => { event.preventDefault(); out(); from(event.dataTransfer.files[0]); });
    document.addEventListener("paste", (event) => from([...(event.clipboardData?.files ?? [])].find((entry) => entry.type.startsWith("image/"))));
  }
  return {element, example: takeExample};
}
