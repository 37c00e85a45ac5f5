// A large picture with a movable divider between before and after.

import {h, segmented} from "./dom.js";

const KEY = "enlargement";

/** The stage: stage.element, stage.show("after", bitmap), stage.busy(true), stage.compare(true). */
export function stageOf(size, label) {
  const canvases = {before: canvas(size, "before"), after: canvas(size, "after")};
  const handle = h("div", {class: "handle", role: "slider", tabindex: "0", "aria-label": "Divider between before and after",
    "aria-valuemin": "0", "aria-valuemax": "100", onkeydown: key, onpointerdown: grab});
  const names = [h("span", {class: "tag left"}, "before"), h("span", {class: "tag right"}, "after")];
  const frame = h("div", {class: "frame"}, canvases.after, canvases.before, handle, names);
  const element = h("figure", {class: "stage", "aria-label": label}, frame);
  let share = 0.5, waiting = 0;

  function place(to) {
    share = Math.min(1, Math.max(0, to));
    frame.style.setProperty("--divider", `${100 * share}%`);
    handle.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  }
  function key(event) {
    const step = {ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageUp: 0.1, PageDown: -0.1}[event.key];
    if (event.key === "Home") place(0);
    else if (event.key === "End") place(1);
    else if (step) place(share + step);
    else return;
    event.preventDefault();
  }
  function grab(event) {
    handle.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const box = frame.getBoundingClientRect();
      place((moved.clientX - box.left) / box.width);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {once: true});
  }
  const enlargement = segmented("Enlargement", [["smooth", "Smooth"], ["sharp", "Sharp pixels"]], localStorage.getItem(KEY) ?? "smooth", (value) => {
    localStorage.setItem(KEY, value);
    frame.classList.toggle("sharp", value === "sharp");
  });
  frame.classList.toggle("sharp", enlargement.value === "sharp");
  place(0.5);
  return {
    element, enlargement, canvases,
    show(which, picture) {
      const target = canvases[which];
      if (target.width !== picture.width) [target.width, target.height] = [picture.width, picture.height];
      target.getContext("2d").drawImage(picture, 0, 0);
    },
    compare(on) { frame.classList.toggle("comparing", on); },
    busy(on) {
      if (on === frame.classList.contains("working")) return;
      frame.classList.toggle("working", on);
      clearTimeout(waiting);
      if (on) waiting = setTimeout(() => { frame.classList.add("slow"); frame.setAttribute("aria-busy", "true"); }, 300);
      else { frame.classList.remove("slow"); frame.removeAttribute("aria-busy"); }
    },
    blob(which = "after") { return new Promise((resolve) => canvases[which].toBlob(resolve, "image/png")); },
  };
}

function canvas(size, name) {
  const made = h("canvas", {class: name, role: "img", "aria-label": name === "after" ? "The picture after the changes" : "The picture before"});
  made.width = made.height = size;
  return made;
}

/** The squares of a picture that holds several in one row. */
export async function cutApart(blob) {
  const row = await createImageBitmap(blob);
  const side = row.height;
  return Promise.all(Array.from({length: row.width / side}, (_, i) => createImageBitmap(row, i * side, 0, side, side)));
}

/** A small canvas that shows a bitmap. Without a label it belongs to a control that has a name. */
export function thumb(bitmap, label = "") {
  const shown = h("canvas", label ? {role: "img", "aria-label": label} : {"aria-hidden": "true"});
  shown.width = bitmap.width;
  shown.height = bitmap.height;
  shown.getContext("2d").drawImage(bitmap, 0, 0);
  return shown;
}
