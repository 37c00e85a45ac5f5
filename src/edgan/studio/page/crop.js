// Cropping a photo by hand: a square that is moved and scaled with the pointer, the wheel or sliders.

import {dialog, h, sliderRow} from "./dom.js";

const LEAST = 16;

/** Let a person choose the square. photo: the answer of POST /photos, and its address as src. Resolves to the picture, or null. */
export function cropByHand(photo) {
  return new Promise((resolve) => {
    let [left, top, side] = photo.box;
    const most = Math.min(photo.width, photo.height);
    const square = h("div", {class: "crop-square", onpointerdown: grab}, h("span", {class: "crop-corner"}));
    const image = h("img", {src: photo.src, alt: "The photo", draggable: false});
    const frame = h("div", {class: "crop-frame", onwheel: wheel, style: {"--ratio": `${photo.width} / ${photo.height}`, "--width-share": String(photo.width / photo.height)}}, image, square);
    const size = sliderRow("Size", {min: LEAST, max: most, step: 1, value: side, text: (v) => `${v} px`, oninput: scale});
    const across = sliderRow("Left", {min: 0, max: photo.width, step: 1, value: left, text: (v) => `${v} px`, oninput: (v) => { left = v; place(); }});
    const down = sliderRow("Top", {min: 0, max: photo.height, step: 1, value: top, text: (v) => `${v} px`, oninput: (v) => { top = v; place(); }});
    const use = h("button", {type: "button", class: "main", onclick: () => { chosen = {photo: photo.photo, box: {left, top, side}}; box.close(); }}, "Use this square");
    let chosen = null;
    const box = dialog("Crop the photo", frame, h("div", {class: "crop-sliders"}, size, across, down), h("div", {class: "dialog-foot"}, use));
    box.addEventListener("close", () => resolve(chosen));
    use.focus();

    function place() {
      side = Math.round(Math.min(most, Math.max(Math.min(LEAST, most), side)));
      left = Math.round(Math.min(photo.width - side, Math.max(0, left)));
      top = Math.round(Math.min(photo.height - side, Math.max(0, top)));
      square.style.left = `${(100 * left) / photo.width}%`;
      square.style.top = `${(100 * top) / photo.height}%`;
      square.style.width = `${(100 * side) / photo.width}%`;
      square.style.height = `${(100 * side) / photo.height}%`;
      across.input.max = String(photo.width - side);
      down.input.max = String(photo.height - side);
      size.set(side);
      across.set(left);
      down.set(top);
    }
    function scale(to) { // about the middle of the square
      left += (side - to) / 2;
      top += (side - to) / 2;
      side = to;
      place();
    }
    function wheel(event) {
      event.preventDefault();
      scale(side * Math.exp(event.deltaY / 600));
    }
    function grab(event) {
      event.preventDefault();
      const corner = event.target.classList.contains("crop-corner");
      const begin = {x: event.clientX, y: event.clientY, left, top, side};
      const perPixel = photo.width / frame.getBoundingClientRect().width;
      square.setPointerCapture(event.pointerId);
      const move = (moved) => {
        const dx = (moved.clientX - begin.x) * perPixel, dy = (moved.clientY - begin.y) * perPixel;
        if (corner) side = Math.min(begin.side + Math.max(dx, dy), photo.width - left, photo.height - top);
        else [left, top] = [begin.left + dx, begin.top + dy];
        place();
      };
      square.addEventListener("pointermove", move);
      square.addEventListener("lostpointercapture", () => square.removeEventListener("pointermove", move), {once: true});
    }
    place();
  });
}
