// A canvas of few pixels to draw label maps on: brush, rectangle, fill, eyedropper, undo; by pointer and by keyboard.

import {h} from "./dom.js";

const MOST_UNDO = 60;
const pack = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

export class LabelCanvas {
  /** changed() is called after each change of a pixel; picked(colour) when the eyedropper takes one. */
  constructor(size, colour, {changed, picked, settled}) {
    this.size = size;
    this.colour = colour;
    this.tool = "brush";
    this.width = Math.max(1, Math.round(size / 20));
    this.pixels = new Uint32Array(size * size).fill(pack(colour));
    this.past = [];
    this.future = [];
    this.cursor = null;
    Object.assign(this, {changed, picked, settled});
    this.canvas = h("canvas", {class: "labels", role: "application", tabindex: "0",
      "aria-label": "Label map. Arrow keys move the cursor, Shift makes larger steps, the space bar draws.",
      onpointerdown: (event) => this.press(event), onkeydown: (event) => this.key(event), onblur: () => { this.cursor = null; this.paint(); }});
    this.canvas.width = this.canvas.height = size;
    this.paint();
  }

  paint(preview = this.pixels) {
    const context = this.canvas.getContext("2d");
    context.putImageData(new ImageData(new Uint8ClampedArray(preview.buffer.slice(0)), this.size, this.size), 0, 0);
    if (!this.cursor) return;
    const {x, y} = this.cursor;
    context.fillStyle = "#fff";
    context.fillRect(x - 1, y, 3, 1);
    context.fillRect(x, y - 1, 1, 3);
    context.fillStyle = "#000";
    context.fillRect(x, y, 1, 1);
  }

  remember() {
    this.past.push(this.pixels.slice());
    if (this.past.length > MOST_UNDO) this.past.shift();
    this.future = [];
  }
  undo() { this.travel(this.past, this.future); }
  redo() { this.travel(this.future, this.past); }
  travel(from, to) {
    if (!from.length) return;
    to.push(this.pixels);
    this.pixels = from.pop();
    this.paint();
    this.changed();
    this.settled();
  }

  clear(colour = this.colour) {
    this.remember();
    this.pixels.fill(pack(colour));
    this.paint();
    this.changed();
    this.settled();
  }

  /** Take a bitmap: its largest centred square, with sharp pixels. */
  take(bitmap) {
    this.remember();
    const side = Math.min(bitmap.width, bitmap.height);
    const shrunk = h("canvas", {width: this.size, height: this.size});
    const context = shrunk.getContext("2d", {willReadFrequently: true});
    context.imageSmoothingEnabled = false;
    context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, this.size, this.size);
    this.pixels = new Uint32Array(context.getImageData(0, 0, this.size, this.size).data.buffer);
    this.paint();
    this.changed();
    this.settled();
  }

  blob() {
    const plain = h("canvas", {width: this.size, height: this.size});
    plain.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(this.pixels.buffer.slice(0)), this.size, this.size), 0, 0);
    return new Promise((resolve) => plain.toBlob(resolve, "image/png"));
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const clamp = (value) => Math.min(this.size - 1, Math.max(0, Math.floor(value)));
    return {x: clamp(((event.clientX - box.left) * this.size) / box.width), y: clamp(((event.clientY - box.top) * this.size) / box.height)};
  }

  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.focus({preventScroll: true});
    this.cursor = null;
    const begin = this.place(event);
    if (this.tool === "eyedropper") return this.pick(begin);
    this.remember();
    if (this.tool === "fill") { this.fill(begin); this.settled(); return; }
    this.canvas.setPointerCapture(event.pointerId);
    let last = begin;
    const before = this.pixels.slice();
    const step = (to) => {
      if (this.tool === "rectangle") { this.pixels.set(before); this.rectangle(begin, to); }
      else this.line(last, to);
      last = to;
      this.paint();
      this.changed();
    };
    step(begin);
    const move = (moved) => step(this.place(moved));
    const end = () => { this.canvas.removeEventListener("pointermove", move); this.settled(); };
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("lostpointercapture", end, {once: true});
  }

  key(event) {
    const step = event.shiftKey ? Math.max(2, Math.round(this.size / 8)) : 1;
    const move = {ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step]}[event.key];
    if (!move && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    this.cursor ??= {x: this.size >> 1, y: this.size >> 1};
    if (move) {
      const clamp = (value) => Math.min(this.size - 1, Math.max(0, value));
      this.cursor = {x: clamp(this.cursor.x + move[0]), y: clamp(this.cursor.y + move[1])};
      return this.paint();
    }
    if (this.tool === "eyedropper") return this.pick(this.cursor);
    if (this.tool === "rectangle" && !this.corner) { this.corner = {...this.cursor}; return; }
    this.remember();
    if (this.tool === "fill") this.fill(this.cursor);
    else if (this.tool === "rectangle") { this.rectangle(this.corner, this.cursor); this.corner = null; }
    else this.dot(this.cursor);
    this.paint();
    this.changed();
    this.settled();
  }

  pick({x, y}) {
    const value = this.pixels[y * this.size + x];
    this.picked([value & 255, (value >> 8) & 255, (value >> 16) & 255]);
  }

  dot({x, y}) {
    const radius = this.width / 2, value = pack(this.colour);
    for (let row = Math.ceil(y - radius); row <= y + radius; row++)
      for (let column = Math.ceil(x - radius); column <= x + radius; column++)
        if (row >= 0 && column >= 0 && row < this.size && column < this.size && (row - y) ** 2 + (column - x) ** 2 <= radius ** 2)
          this.pixels[row * this.size + column] = value;
  }

  line(from, to) {
    const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
    for (let i = 0; i <= steps; i++)
      this.dot({x: Math.round(from.x + ((to.x - from.x) * i) / steps), y: Math.round(from.y + ((to.y - from.y) * i) / steps)});
  }

  rectangle(from, to) {
    const value = pack(this.colour);
    for (let row = Math.min(from.y, to.y); row <= Math.max(from.y, to.y); row++)
      this.pixels.fill(value, row * this.size + Math.min(from.x, to.x), row * this.size + Math.max(from.x, to.x) + 1);
  }

  fill({x, y}) {
    const from = this.pixels[y * this.size + x], value = pack(this.colour);
    if (from === value) return;
    const waiting = [y * this.size + x];
    while (waiting.length) {
      const at = waiting.pop();
      if (this.pixels[at] !== from) continue;
      this.pixels[at] = value;
      const column = at % this.size;
      if (column > 0) waiting.push(at - 1);
      if (column < this.size - 1) waiting.push(at + 1);
      if (at >= this.size) waiting.push(at - this.size);
      if (at < this.size * (this.size - 1)) waiting.push(at + this.size);
    }
    this.paint();
    this.changed();
  }
}
