// New training: pick a folder, see what the check says, choose method, preset and size, and start.

import {finished, get, post} from "./api.js";
import {duration, errorLine, h, selectRow, textRow, whileBusy} from "./dom.js";

const SHOWN = 12, MOMENT = 500, TRIES = 120, USUAL = "ed-slash-gan";

export async function open(panel) {
  const [methods, {runs}] = await Promise.all([get("/methods"), get("/runs")]);
  const form = new TrainingForm(methods, runs);
  panel.append(h("div", {class: "head"}, h("h1", {}, "New training")), form.element);
  form.choose((methods.find((entry) => entry.name === USUAL) ?? methods[0]).name);
  form.browse();
}

class TrainingForm {
  constructor(methods, runs) {
    Object.assign(this, {methods, runs, method: methods[0], checked: null, asked: 0});
    this.element = h("div", {class: "form"}, this.#dataSection(), this.#methodSection());
  }

  /** Show the folders inside a folder; "" are the roots. */
  async browse(to = "") {
    try {
      const found = await get(`/folders?path=${encodeURIComponent(to)}`);
      const use = (target) => { if (target) { this.path.input.value = target; this.#ask(); } this.browse(target); };
      const item = (target, text) => h("li", {}, h("button", {type: "button", class: "quiet", onclick: () => use(target)}, text));
      this.listing.replaceChildren(
        ...(found.parent !== null ? [item(found.parent, "↑ Up")] : []),
        ...found.folders.map((folder) => item(folder, found.path ? folder.split(/[\\/]/).at(-1) : folder)));
    } catch (error) {
      this.dataLine.say(error);
    }
  }

  choose(to) {
    const method = this.method = this.methods.find((entry) => entry.name === to);
    this.pick.select.value = method.name;
    const needs = method.needs.map((need) => ({source: "pairs of images", attributes: "attributes", label: "classes"})[need]);
    this.about.textContent = `${method.summary[0].toUpperCase()}${method.summary.slice(1)}. ${method.paper}.${needs.length ? ` Learns from ${needs.join(" and ")}.` : ""}`;
    this.preset.select.replaceChildren(...Object.keys(method.presets).sort((a, b) => (b === method.default_preset) - (a === method.default_preset))
      .map((key) => h("option", {value: key}, key)));
    this.origin.hidden = !method.origin;
    this.origin.select.replaceChildren(...this.runs.filter((run) => run.ready && run.capabilities.includes("sample")).map((run) => h("option", {value: run.id}, run.name)));
    this.name.input.value = this.#free(method.name.replaceAll("/", "").concat(this.checked ? `-${this.checked.path.split(/[\\/]/).at(-1)}` : ""));
    this.#showPreset();
    this.#ask();
  }

  #dataSection() {
    this.dataLine = errorLine();
    this.report = h("div", {class: "report", "aria-live": "polite"});
    this.path = textRow("Folder or .zip of images", {placeholder: "path", onchange: () => { this.checked = null; this.report.replaceChildren(); this.#ask(); }});
    this.listing = h("ul", {class: "folders", "aria-label": "Folders"});
    const progress = h("progress", {hidden: true, "aria-label": "Images checked"});
    const check = h("button", {type: "button", onclick: (event) => whileBusy(event.currentTarget, this.dataLine, () => this.#check(progress))}, "Check the data");
    return h("section", {"aria-label": "Data"}, h("h2", {}, "Data"), this.path, this.listing, h("div", {class: "row"}, check, progress), this.dataLine, this.report);
  }

  #methodSection() {
    const ask = () => this.#ask(), number = (label, size) => textRow(label, {inputmode: "numeric", size, onchange: ask});
    this.about = h("p", {class: "small"});
    this.pick = selectRow("Method", this.methods.map((entry) => [entry.name, entry.name]), this.method.name, (name) => this.choose(name));
    this.preset = selectRow("Preset", [], null, () => { this.#showPreset(); ask(); });
    [this.size, this.steps, this.batch] = [number("Size, pixels", "6"), number("Steps", "8"), number("Images in a step", "6")];
    this.name = textRow("Name of the run", {});
    this.origin = selectRow("Run to start from", [], null, ask);
    this.attributes = h("div", {class: "attribute-choice", role: "group", "aria-label": "Attributes"});
    this.estimate = h("p", {class: "estimate", role: "status"}, "Pick a folder, and the time is estimated here.");
    const line = errorLine();
    const start = h("button", {type: "button", class: "main", onclick: (event) => whileBusy(event.currentTarget, line, () => this.#start())}, "Start training");
    return h("section", {"aria-label": "Method"}, h("h2", {}, "Method"), this.pick, this.about, this.preset,
      h("div", {class: "row"}, this.size, this.steps, this.batch), this.origin, this.attributes, this.name, this.estimate, start, line);
  }

  async #check(progress) {
    progress.hidden = false;
    progress.removeAttribute("value");
    try {
      this.checked = await finished(await post("/checks", {path: this.path.input.value}), (done, total) => {
        if (total) { progress.max = total; progress.value = done; }
      });
      this.report.replaceChildren(...described(this.checked));
      this.#showAttributes();
      this.#ask();
    } finally {
      progress.hidden = true;
    }
  }

  #free(wanted) {
    const clean = wanted.replace(/[^A-Za-z0-9._-]/g, "-"), taken = new Set(this.runs.map((run) => run.name));
    for (let i = 1; ; i++) { const tried = i === 1 ? clean : `${clean}-${i}`; if (!taken.has(tried)) return tried; }
  }

  #showPreset() {
    const {size, steps, batch} = this.method.presets[this.preset.select.value];
    this.batch.input.placeholder = String(batch);
    this.size.input.placeholder = String(size);
    this.steps.input.placeholder = String(steps);
  }

  #showAttributes() {
    const names = Object.keys(this.checked.attributes);
    const box = (key) => h("label", {}, h("input", {type: "checkbox", value: key, checked: true}), key.replaceAll("_", " "));
    this.attributes.replaceChildren(...(names.length ? [h("h3", {}, "Attributes"), ...names.map(box)] : []));
  }

  #request() {
    const whole = (row) => (row.input.value.trim() ? Number(row.input.value) : null);
    const boxes = [...this.attributes.querySelectorAll("input")], chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    return {method: this.method.name, data: this.path.input.value, preset: this.preset.select.value, size: whole(this.size), steps: whole(this.steps), batch: whole(this.batch),
      attributes: boxes.length && chosen.length < boxes.length ? chosen : null, origin: this.method.origin ? this.origin.select.value || null : null};
  }

  /** Ask how long the training takes; the answer to an older question is dropped. */
  async #ask() {
    const mine = ++this.asked;
    if (!this.path.input.value.trim()) return;
    this.estimate.textContent = "Estimating the time …";
    try {
      const found = await post("/estimate", this.#request());
      if (mine === this.asked) this.estimate.textContent = `About ${duration(found.seconds)} for ${found.steps.toLocaleString("en")} steps on this machine, roughly. The run shows the time left once it trains.`;
    } catch (error) {
      if (mine === this.asked) this.estimate.textContent = error.message;
    }
  }

  /** Start, and go to the run as soon as it is there. */
  async #start() {
    const answer = await post("/trainings", {...this.#request(), name: this.name.input.value});
    this.estimate.textContent = "Starting …";
    for (let i = 0; i < TRIES; i++) {
      await new Promise((resolve) => setTimeout(resolve, MOMENT));
      const found = await get("/runs");
      if (found.runs.some((run) => run.id === answer.run)) { location.hash = `#/runs/${encodeURIComponent(answer.run)}/training`; return; }
      const failed = found.starting.find((entry) => entry.name === answer.run && entry.state === "failed");
      if (failed) { this.estimate.textContent = ""; throw new Error(failed.trouble ?? "The training did not start."); }
    }
  }
}

function described(report) {
  const counts = (found) => Object.entries(found).slice(0, SHOWN).map(([key, value]) => `${key} ${value < 1 && value > 0 ? value.toFixed(2) : value}`).join(", ");
  const rows = [["Images", `${report.count.toLocaleString("en")}, layout ${report.kind}`], ["Splits", counts(report.splits)], ["Sizes", counts(report.sizes)],
    ["Attributes", counts(report.attributes)], ["Classes", counts(report.labels)], ["Left out", report.skipped.length ? String(report.skipped.length) : ""]];
  return [h("dl", {class: "facts"}, rows.filter(([, text]) => text).map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)))),
    report.warnings.length ? h("ul", {class: "findings"}, report.warnings.map((text) => h("li", {}, text))) : h("p", {class: "small"}, "Nothing to note.")];
}
