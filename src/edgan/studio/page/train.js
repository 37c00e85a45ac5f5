// New training: pick a folder, see what the check says, choose method, preset and size, and start.

import {finished, get, post} from "./api.js";
import {duration, errorLine, h, selectRow, textRow, whileBusy} from "./dom.js";

const SHOWN = 12;

export async function open(panel) {
  const [methods, {runs}] = await Promise.all([get("/methods"), get("/runs")]);
  const dataLine = errorLine(), startLine = errorLine();
  const report = h("div", {class: "report", "aria-live": "polite"});
  const path = textRow("Folder or .zip of images", {placeholder: "path", onchange: () => { checked = null; report.replaceChildren(); ask(); }});
  const listing = h("ul", {class: "folders", "aria-label": "Folders"});
  let checked = null, method = methods[0], asked = 0;

  async function browse(to = "") {
    try {
      const found = await get(`/folders?path=${encodeURIComponent(to)}`);
      const item = (target, text) => h("li", {}, h("button", {type: "button", class: "quiet", onclick: () => { if (target) { path.input.value = target; ask(); } browse(target); }}, text));
      listing.replaceChildren(
        ...(found.parent !== null ? [item(found.parent, "↑ Up")] : []),
        ...found.folders.map((folder) => item(folder, found.path ? folder.split(/[\\/]/).at(-1) : folder)));
    } catch (error) {
      dataLine.say(error);
    }
  }

  const progress = h("progress", {hidden: true, "aria-label": "Images checked"});
  const check = h("button", {type: "button", onclick: (event) => whileBusy(event.currentTarget, dataLine, async () => {
    progress.hidden = false;
    progress.removeAttribute("value");
    try {
      checked = await finished(await post("/checks", {path: path.input.value}), (done, total) => {
        if (total) { progress.max = total; progress.value = done; }
      });
      report.replaceChildren(...described(checked));
      showAttributes();
      ask();
    } finally {
      progress.hidden = true;
    }
  })}, "Check the data");

  // What to train.
  const about = h("p", {class: "small"});
  const pick = selectRow("Method", methods.map((entry) => [entry.name, entry.name]), method.name, (name) => choose(name));
  const preset = selectRow("Preset", [], null, () => { showPreset(); ask(); });
  const size = textRow("Size, pixels", {inputmode: "numeric", size: "6", onchange: () => ask()});
  const steps = textRow("Steps", {inputmode: "numeric", size: "8", onchange: () => ask()});
  const batch = textRow("Images in a step", {inputmode: "numeric", size: "6", onchange: () => ask()});
  const name = textRow("Name of the run", {});
  const origin = selectRow("Run to start from", [], null, () => ask());
  const attributes = h("div", {class: "attribute-choice", role: "group", "aria-label": "Attributes"});
  const estimate = h("p", {class: "estimate", role: "status"}, "Pick a folder, and the time is estimated here.");

  function choose(to) {
    method = methods.find((entry) => entry.name === to);
    const needs = method.needs.map((need) => ({source: "pairs of images", attributes: "attributes", label: "classes"})[need]);
    about.textContent = `${method.summary[0].toUpperCase()}${method.summary.slice(1)}. ${method.paper}.${needs.length ? ` Learns from ${needs.join(" and ")}.` : ""}`;
    preset.select.replaceChildren(...Object.keys(method.presets).sort((a, b) => (b === method.default_preset) - (a === method.default_preset))
      .map((key) => h("option", {value: key}, key)));
    origin.hidden = !method.origin;
    origin.select.replaceChildren(...runs.filter((run) => run.ready && run.capabilities.includes("sample")).map((run) => h("option", {value: run.id}, run.name)));
    name.input.value = free(method.name.replaceAll("/", "").concat(checked ? `-${checked.path.split(/[\\/]/).at(-1)}` : ""));
    showPreset();
    ask();
  }
  const free = (wanted) => {
    const clean = wanted.replace(/[^A-Za-z0-9._-]/g, "-"), taken = new Set(runs.map((run) => run.name));
    for (let i = 1; ; i++) { const tried = i === 1 ? clean : `${clean}-${i}`; if (!taken.has(tried)) return tried; }
  };
  function showPreset() {
    const {size: side, steps: count, batch: images} = method.presets[preset.select.value];
    batch.input.placeholder = String(images);
    size.input.placeholder = String(side);
    steps.input.placeholder = String(count);
  }
  function showAttributes() {
    const names = Object.keys(checked.attributes);
    attributes.replaceChildren(...(names.length ? [h("h3", {}, "Attributes"), ...names.map((key) => h("label", {}, h("input", {type: "checkbox", value: key, checked: true}), key.replaceAll("_", " ")))] : []));
  }
  const whole = (row) => (row.input.value.trim() ? Number(row.input.value) : null);
  function request() {
    const boxes = [...attributes.querySelectorAll("input")], chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    return {method: method.name, data: path.input.value, preset: preset.select.value, size: whole(size), steps: whole(steps), batch: whole(batch),
      attributes: boxes.length && chosen.length < boxes.length ? chosen : null, origin: method.origin ? origin.select.value || null : null};
  }
  async function ask() {
    const mine = ++asked;
    if (!path.input.value.trim()) return;
    estimate.textContent = "Estimating the time …";
    try {
      const found = await post("/estimate", request());
      if (mine === asked) estimate.textContent = `About ${duration(found.seconds)} for ${found.steps.toLocaleString("en")} steps on this machine, roughly. The run shows the time left once it trains.`;
    } catch (error) {
      if (mine === asked) estimate.textContent = error.message;
    }
  }
  const start = h("button", {type: "button", class: "main", onclick: (event) => whileBusy(event.currentTarget, startLine, async () => {
    const answer = await post("/trainings", {...request(), name: name.input.value});
    estimate.textContent = "Starting …";
    for (let i = 0; i < 120; i++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const found = await get("/runs");
      if (found.runs.some((run) => run.id === answer.run)) { location.hash = `#/runs/${encodeURIComponent(answer.run)}/training`; return; }
      const failed = found.starting.find((entry) => entry.name === answer.run && entry.state === "failed");
      if (failed) { estimate.textContent = ""; throw new Error(failed.trouble ?? "The training did not start."); }
    }
  })}, "Start training");

  panel.append(
    h("div", {class: "head"}, h("h1", {}, "New training")),
    h("div", {class: "form"},
      h("section", {"aria-label": "Data"}, h("h2", {}, "Data"), path, listing, h("div", {class: "row"}, check, progress), dataLine, report),
      h("section", {"aria-label": "Method"}, h("h2", {}, "Method"), pick, about, preset, h("div", {class: "row"}, size, steps, batch), origin, attributes, name, estimate, start, startLine)));
  choose((methods.find((entry) => entry.name === "ed-slash-gan") ?? methods[0]).name);
  pick.select.value = method.name;
  browse();
}

function described(report) {
  const counts = (found) => Object.entries(found).slice(0, SHOWN).map(([key, value]) => `${key} ${value < 1 && value > 0 ? value.toFixed(2) : value}`).join(", ");
  const rows = [["Images", `${report.count.toLocaleString("en")}, layout ${report.kind}`], ["Splits", counts(report.splits)], ["Sizes", counts(report.sizes)],
    ["Attributes", counts(report.attributes)], ["Classes", counts(report.labels)], ["Left out", report.skipped.length ? String(report.skipped.length) : ""]];
  return [h("dl", {class: "facts"}, rows.filter(([, text]) => text).map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)))),
    report.warnings.length ? h("ul", {class: "findings"}, report.warnings.map((text) => h("li", {}, text))) : h("p", {class: "small"}, "Nothing to note.")];
}
