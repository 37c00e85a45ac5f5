// Edit: a slider for each attribute, and the picture that follows.

import {newestOnly, post, postBlob, runPath, stream} from "./api.js";
import {download, errorLine, h, newId, readable, segmented, selectRow, sliderRow, whileBusy} from "./dom.js";
import {chooser} from "./source.js";
import {cutApart, stageOf, thumb} from "./stage.js";

const STEPS = 140, FRAMES = 9, GIF_FRAMES = 16;
/** A picture that another panel hands over: a sample, or a latent that was found. */
let handed = null;
export const hand = (run, picture) => { handed = {run: run.id, picture}; location.hash = `#/runs/${encodeURIComponent(run.id)}/edit`; };

export async function open(panel, run) {
  const path = runPath(run.id);
  const line = errorLine();
  const stage = stageOf(run.size, `The edited picture of ${run.name}`);
  let picture = handed?.run === run.id ? handed.picture : {split: "val", index: 0};
  let controls = null, rows = new Map(), changes = {}, what = "output", before = "input", sweeping = null;
  let undone = [], history = [], showClass = () => {};
  handed = null;

  const draw = newestOnly(
    async (wanted) => createImageBitmap(await postBlob(`${path}/edit?stream=${stream("edit")}`, {picture: wanted.picture, changes: wanted.changes, what: wanted.what})),
    (bitmap, wanted, last) => {
      line.say(null);
      if (wanted.picture === picture) stage.show("after", bitmap);
      if (last) stage.busy(false);
      if (wanted.at) requestAnimationFrame(() => performance.measure("slider to picture", {start: wanted.at, end: performance.now()}));
    },
    (error) => { stage.busy(false); line.say(error); });
  const redraw = (at = 0) => { stage.busy(true); return draw({picture, changes: given(), what, at}); };
  /** What is sent: only what was changed, and everything where the model cannot read the rest from the picture. */
  const given = () => (controls?.needs_all ? Object.fromEntries([...rows].map(([name, row]) => [name, Number(row.input.value)])) : {...changes});

  async function showBefore() {
    try {
      const blob = before === "input"
        ? await postBlob(`${path}/input`, {picture})
        : await postBlob(`${path}/edit`, {picture, changes: controls?.needs_all ? given() : {}, what: "output"});
      stage.show("before", await createImageBitmap(blob));
    } catch (error) {
      line.say(error);
    }
  }

  // Changes, with undo and redo.
  function remember() {
    history.push({...changes});
    if (history.length > 200) history.shift();
    undone = [];
    showButtons();
  }
  function set(name, value) {
    const control = controls.controls.find((entry) => entry.name === name);
    if (value === null) delete changes[name];
    else changes[name] = value;
    rows.get(name)?.show(value ?? control.encoded ?? 0, value !== null);
  }
  function restore(to) {
    changes = {...to};
    for (const control of controls.controls) rows.get(control.name)?.show(to[control.name] ?? control.encoded ?? startOf(control), control.name in to);
    showClass();
    showButtons();
    redraw();
    sweepLater();
  }
  const travel = (from, to) => { if (from.length) { to.push({...changes}); restore(from.pop()); } };
  const undo = h("button", {type: "button", title: "Ctrl+Z", onclick: () => travel(history, undone)}, "Undo");
  const redo = h("button", {type: "button", title: "Ctrl+Shift+Z", onclick: () => travel(undone, history)}, "Redo");
  const reset = h("button", {type: "button", onclick: () => { remember(); restore({}); }}, "Reset");
  function showButtons() {
    undo.disabled = !history.length;
    redo.disabled = !undone.length;
    reset.disabled = !Object.keys(changes).length;
  }
  const keys = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.shiftKey ? travel(undone, history) : travel(history, undone);
  };
  document.addEventListener("keydown", keys);

  // Sliders.
  const startOf = (control) => (controls.needs_all ? control.low : control.encoded ?? Math.max(0, control.low));
  function attributeRow(control) {
    const id = newId(), range = control.high - control.low;
    const output = h("output", {for: id});
    const back = h("button", {type: "button", class: "quiet back", "aria-label": `Reset ${readable(control.name)}`, title: "Reset",
      onclick: () => { remember(); set(control.name, null); showButtons(); redraw(); sweepLater(); }}, "↺");
    let begun = false;
    const input = h("input", {id, type: "range", min: String(control.low), max: String(control.high), step: String(range / STEPS),
      oninput: (event) => {
        if (!begun) { remember(); begun = true; }
        set(control.name, Number(input.value));
        redraw(event.timeStamp);
      },
      onchange: () => { begun = false; showButtons(); sweepOf(control.name); },
      onfocus: () => { if (sweeping !== control.name) sweepOf(control.name); }});
    const encoded = control.encoded;
    const at = Math.min(1, Math.max(0, ((encoded ?? control.low) - control.low) / range));
    const tick = encoded === null ? null : h("span", {class: "tick", title: `The model reads ${encoded.toFixed(2)}`, style: {"--at": String(at)}});
    const row = h("div", {class: "slider attribute"}, h("label", {for: id}, readable(control.name)), back, output, h("div", {class: "track"}, input, tick));
    row.input = input;
    row.show = (value, changed) => {
      input.value = String(value);
      output.textContent = value.toFixed(2);
      const share = Math.min(1, Math.max(0, (value - control.low) / range));
      input.style.setProperty("--from", String(Math.min(at, share)));
      input.style.setProperty("--to", String(Math.max(at, share)));
      row.classList.toggle("changed", changed);
      back.disabled = !changed;
    };
    row.show(startOf(control), false);
    return row;
  }
  /** Classes: one button each, and how far the picture goes to the chosen one. */
  function classRows() {
    const chosen = () => Object.keys(changes)[0];
    const buttons = controls.controls.map((control) => {
      const reads = control.encoded > 0.5 ? h("span", {class: "soft"}, "as read") : null;
      return h("button", {type: "button", value: control.name, onclick: () => { remember(); changes = {[control.name]: 1}; showClass(); redraw(); }}, readable(control.name), reads);
    });
    let begun = false;
    const amount = sliderRow("How far", {min: 0, max: 1, step: 0.01, value: 1, text: (v) => v.toFixed(2),
      oninput: (value) => { if (!begun) { remember(); begun = true; } changes = {[chosen()]: value}; redraw(); }, onchange: () => { begun = false; }});
    showClass = () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === chosen()));
      amount.input.disabled = !chosen();
      if (chosen()) amount.set(changes[chosen()]);
      showButtons();
    };
    showClass();
    return [h("div", {class: "classes", role: "group", "aria-label": "Class"}, buttons), amount];
  }
  const list = h("div", {class: "attributes"});
  const find = h("input", {type: "search", placeholder: "Find an attribute", "aria-label": "Find an attribute", oninput: () => {
    for (const [name, row] of rows) row.hidden = !readable(name).toLowerCase().includes(find.value.toLowerCase());
  }});

  async function take(to) {
    picture = to;
    stage.busy(true);
    line.say(null);
    try {
      const found = await post(`${path}/edit/controls`, {picture});
      if (picture !== to) return;
      controls = found;
      changes = {};
      [history, undone] = [[], []];
      showClass = () => {};
      rows = new Map(controls.kind === "multilabel" ? controls.controls.map((control) => [control.name, attributeRow(control)]) : []);
      list.replaceChildren(...(controls.kind === "multilabel" ? [...rows.values()] : classRows()));
      find.hidden = rows.size < 12;
      kinds.hidden = !controls.has_residual;
      sweepPanel.hidden = controls.kind !== "multilabel";
      showButtons();
      await Promise.all([showBefore(), redraw()]);
      if (controls.kind === "multilabel") sweepOf(sweeping && rows.has(sweeping) ? sweeping : controls.controls.at(-1).name);
    } catch (error) {
      stage.busy(false);
      line.say(error);
    }
  }

  // The sweep of the attribute that was touched last.
  const frames = h("div", {class: "frames", role: "group", "aria-label": "Sweep"});
  const sweepLine = errorLine();
  const sweepPick = selectRow("Sweep of", [], null, (name) => sweepOf(name));
  const range = (count, form) => {
    const control = controls.controls.find((entry) => entry.name === sweeping);
    const others = given();
    delete others[sweeping];
    return {picture, changes: others, what, attribute: sweeping, low: control.low, high: control.high, count, form};
  };
  const sweep = newestOnly(
    async (wanted) => [await cutApart(await postBlob(`${path}/edit/sweep?stream=${stream("sweep")}`, wanted)), wanted],
    ([bitmaps, wanted]) => {
      sweepLine.say(null);
      frames.classList.toggle("stale", wanted.attribute !== sweeping);
      frames.replaceChildren(...bitmaps.map((bitmap, i) => {
        const value = wanted.low + ((wanted.high - wanted.low) * i) / (bitmaps.length - 1);
        const use = () => { remember(); set(wanted.attribute, value); showButtons(); redraw(); };
        return h("button", {type: "button", "aria-label": `${readable(wanted.attribute)} ${value.toFixed(2)}`, onclick: use}, thumb(bitmap, ""), h("span", {}, value.toFixed(1)));
      }));
    },
    (error) => sweepLine.say(error));
  function sweepOf(name) {
    if (name !== sweeping) frames.classList.add("stale");
    sweeping = name;
    sweepPick.select.replaceChildren(...controls.controls.map((control) => h("option", {value: control.name, selected: control.name === name}, readable(control.name))));
    return sweep(range(FRAMES, "frames"));
  }
  let later = 0;
  const sweepLater = () => { clearTimeout(later); if (rows.has(sweeping)) later = setTimeout(() => sweep(range(FRAMES, "frames")), 250); };
  const save = (form, count, ending) => h("button", {type: "button", onclick: (event) => whileBusy(event.currentTarget, sweepLine, async () =>
    download(await postBlob(`${path}/edit/sweep`, range(count, form)), `${run.name}-${sweeping}.${ending}`))}, form === "gif" ? "Save as GIF" : "Save as strip");
  const sweepPanel = h("section", {class: "sweep", "aria-label": "Sweep of one attribute"},
    h("div", {class: "row"}, sweepPick, save("strip", FRAMES, "png"), save("gif", GIF_FRAMES, "gif")), frames, sweepLine);

  // What is shown.
  const kinds = segmented("Picture", [["output", "Output"], ["base", "Base"], ["residual", "Residual"]], "output", (to) => { what = to; redraw(); sweepLater(); });
  const sides = segmented("Compare with", [["none", "No divider"], ["input", "Input"], ["reconstruction", "Reconstruction"]], "input", (to) => {
    stage.compare(to !== "none");
    if (to !== "none") { before = to; showBefore(); }
  });
  stage.compare(true);
  const savePicture = h("button", {type: "button", onclick: async () => download(await stage.blob(), `${run.name}-edited.png`)}, "Download PNG");
  const choose = chooser(run, take);

  panel.append(
    h("h1", {class: "unseen"}, `Edit pictures with ${run.name}`),
    h("div", {class: "work"},
      h("div", {class: "left"}, stage.element, h("div", {class: "row tools"}, kinds, sides, stage.enlargement, savePicture), line, sweepPanel),
      h("div", {class: "right"},
        h("section", {"aria-label": "Picture"}, choose.element),
        h("section", {"aria-label": "Attributes", class: "controls"},
          h("div", {class: "row"}, h("h2", {}, "Attributes"), h("div", {class: "row end"}, undo, redo, reset)), find, list))));
  take(picture);
  return () => { choose.leave(); document.removeEventListener("keydown", keys); clearTimeout(later); };
}
