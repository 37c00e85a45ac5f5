// The sweep of one attribute: a strip of pictures over its range.

import {newestOnly, postBlob, stream} from "./api.js";
import {download, errorLine, h, readable, selectRow, whileBusy} from "./dom.js";
import {cutApart, thumb} from "./stage.js";

const FRAMES = 9, GIF_FRAMES = 16, PAUSE = 250;

/** The strip below the picture.
 *
 * `request(attribute)` gives the request without count and form; `use(attribute, value)` is called when a frame is chosen.
 */
export class Sweep {
  constructor(run, path, request, use) {
    Object.assign(this, {run, path, request, use, attribute: null, later: 0});
    this.frames = h("div", {class: "frames", role: "group", "aria-label": "Sweep"});
    this.line = errorLine();
    this.pick = selectRow("Sweep of", [], null, (name) => this.of(name));
    this.element = h("section", {class: "sweep", "aria-label": "Sweep of one attribute"},
      h("div", {class: "row"}, this.pick, this.#save("strip", FRAMES, "png"), this.#save("gif", GIF_FRAMES, "gif")), this.frames, this.line);
    this.draw = newestOnly(
      async (wanted) => [await cutApart(await postBlob(`${path}/edit/sweep?stream=${stream("sweep")}`, wanted)), wanted],
      ([bitmaps, wanted]) => this.#show(bitmaps, wanted),
      (error) => this.line.say(error));
  }

  /** The attributes that can be swept. */
  offer(names) { this.names = names; }

  /** Sweep this attribute. */
  of(name) {
    if (name !== this.attribute) this.frames.classList.add("stale");
    this.attribute = name;
    this.pick.select.replaceChildren(...this.names.map((each) => h("option", {value: each, selected: each === name}, readable(each))));
    return this.draw(this.#wanted(FRAMES, "frames"));
  }

  /** Draw the strip again when nothing has changed for a moment. */
  soon() {
    clearTimeout(this.later);
    if (this.attribute !== null) this.later = setTimeout(() => this.draw(this.#wanted(FRAMES, "frames")), PAUSE);
  }

  leave() { clearTimeout(this.later); }

  #wanted(count, form) { return {...this.request(this.attribute), attribute: this.attribute, count, form}; }

  #show(bitmaps, wanted) {
    this.line.say(null);
    this.frames.classList.toggle("stale", wanted.attribute !== this.attribute);
    this.frames.replaceChildren(...bitmaps.map((bitmap, i) => {
      const value = wanted.low + ((wanted.high - wanted.low) * i) / (bitmaps.length - 1);
      const choose = () => this.use(wanted.attribute, value);
      return h("button", {type: "button", "aria-label": `${readable(wanted.attribute)} ${value.toFixed(2)}`, onclick: choose}, thumb(bitmap, ""), h("span", {}, value.toFixed(1)));
    }));
  }

  #save(form, count, ending) {
    return h("button", {type: "button", onclick: (event) => whileBusy(event.currentTarget, this.line, async () =>
      download(await postBlob(`${this.path}/edit/sweep`, this.#wanted(count, form)), `${this.run.name}-${this.attribute}.${ending}`))}, form === "gif" ? "Save as GIF" : "Save as strip");
  }
}
