// The controls of an edit: a slider for each attribute, or a button for each class.

import {h, newId, readable, sliderRow} from "./dom.js";

const STEPS = 140;

/** Where a slider stands before it is touched. */
export const startOf = (control, needsAll) => (needsAll ? control.low : control.encoded ?? Math.max(0, control.low));

/** A slider over an attribute's range, with a tick at the value that the model reads from the picture.
 *
 * The element has `input`, and `show(value, changed)`. `on` holds `begin()` before a drag, `move(value, time)`, `end()`, `focus()`
 * and `reset()`.
 */
export function attributeRow(control, start, on) {
  const id = newId(), range = control.high - control.low, encoded = control.encoded;
  const output = h("output", {for: id});
  const back = h("button", {type: "button", class: "quiet back", "aria-label": `Reset ${readable(control.name)}`, title: "Reset", onclick: on.reset}, "↺");
  let begun = false;
  const input = h("input", {id, type: "range", min: String(control.low), max: String(control.high), step: String(range / STEPS),
    oninput: (event) => {
      if (!begun) { on.begin(); begun = true; }
      on.move(Number(input.value), event.timeStamp);
    },
    onchange: () => { begun = false; on.end(); },
    onfocus: on.focus});
  const share = (value) => Math.min(1, Math.max(0, (value - control.low) / range));
  const at = share(encoded ?? control.low);
  const tick = encoded === null ? null : h("span", {class: "tick", title: `The model reads ${encoded.toFixed(2)}`, style: {"--at": String(at)}});
  const row = h("div", {class: "slider attribute"}, h("label", {for: id}, readable(control.name)), back, output, h("div", {class: "track"}, input, tick));
  row.input = input;
  row.show = (value, changed) => {
    input.value = String(value);
    output.textContent = value.toFixed(2);
    input.style.setProperty("--from", String(Math.min(at, share(value))));
    input.style.setProperty("--to", String(Math.max(at, share(value))));
    row.classList.toggle("changed", changed);
    back.disabled = !changed;
  };
  row.show(start, false);
  return row;
}

/** A button for each class, and how far the picture goes to the chosen one: {elements, show}.
 *
 * `changes` is the edit's; `redraw()` is called after each change.
 */
export function classRows(controls, changes, redraw) {
  const chosen = () => Object.keys(changes.now)[0];
  const buttons = controls.map((control) => {
    const reads = control.encoded > 0.5 ? h("span", {class: "soft"}, "as read") : null;
    const choose = () => { changes.remember(); changes.now = {[control.name]: 1}; show(); changes.note(); redraw(); };
    return h("button", {type: "button", value: control.name, onclick: choose}, readable(control.name), reads);
  });
  let begun = false;
  const amount = sliderRow("How far", {min: 0, max: 1, step: 0.01, value: 1, text: (v) => v.toFixed(2),
    oninput: (value) => {
      if (!begun) { changes.remember(); begun = true; }
      changes.now = {[chosen()]: value};
      redraw();
    },
    onchange: () => { begun = false; }});
  function show() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === chosen()));
    amount.input.disabled = !chosen();
    if (chosen()) amount.set(changes.now[chosen()]);
  }
  show();
  return {elements: [h("div", {class: "classes", role: "group", "aria-label": "Class"}, buttons), amount], show};
}
