// Training: a run's losses, gradients, health and previews, live while it trains; stop and resume.

import {get, post, runPath, url} from "./api.js";
import {chart} from "./chart.js";
import {duration, errorLine, h, sliderRow, whileBusy} from "./dom.js";
import {matrix} from "./table.js";

const LIVE = 1500, IDLE = 4000, MOMENT = 500, TRIES = 40;
const STATES = {training: "training", finished: "finished", stopped: "stopped", empty: "no checkpoint yet"};
const FIGURES = [["PSNR of held-out pictures, dB", /^psnr_/], ["SSIM of held-out pictures", /ssim_/], ["Discriminator on held-out pictures", /^(d|critic)_/], ["Energy distance of samples", /^energy_distance$/]];

export async function open(panel, run) {
  const view = new TrainingView(run);
  panel.append(...view.elements);
  await view.watch();
  return () => view.leave();
}

class TrainingView {
  constructor(run) {
    Object.assign(this, {run, path: runPath(run.id), card: run, lines: [], after: 0, timer: 0, left: false, shownPreview: null});
    this.line = errorLine();
    this.status = h("div", {class: "status"});
    this.losses = h("div");
    this.held = h("div", {class: "charts"});
    this.table = h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Gradients"});
    this.health = h("ul", {class: "findings", "aria-live": "polite"});
    this.previews = h("div", {class: "previews"});
    const facts = [["Method", run.method], ["Preset", run.preset], ["Data", `${run.data}, ${run.images.toLocaleString("en")} images`], ["Size", `${run.size} px`], ["Folder", run.path]];
    this.elements = [
      h("div", {class: "head"}, h("h1", {}, run.name), this.status), this.line,
      h("div", {class: "overview"},
        h("section", {class: "wide", "aria-label": "Previews"}, h("h2", {}, "Held-out pictures"), this.previews),
        h("section", {"aria-label": "Health"}, h("h2", {}, "Health"), this.health, h("dl", {class: "facts"}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))),
        h("section", {"aria-label": "Losses"}, this.losses), h("section", {class: "wide", "aria-label": "Held-out figures"}, h("h2", {}, "Held-out figures"), this.held),
        h("section", {class: "wide", "aria-label": "Gradient norms"}, h("h2", {}, "Gradient of each term in each network"), this.table))];
  }

  leave() {
    this.left = true;
    clearTimeout(this.timer);
  }

  /** Look now, and again every few seconds. */
  async watch() {
    try {
      await this.#look();
    } catch (error) {
      if (error.status !== 0) this.line.say(error);
    }
    if (!this.left) this.timer = setTimeout(() => this.watch(), this.card.state === "training" ? LIVE : IDLE);
  }

  async #look() {
    const found = await get(`${this.path}/log?after=${this.after}`);
    if (found.next < this.after) this.lines.length = 0; // the log of a resumed run was shortened
    this.lines.push(...found.lines);
    this.card = await get(this.path);
    if (this.after === 0 || found.lines.length) this.#showLog();
    this.after = found.next;
    this.#showStatus();
    this.#showPreviews();
    if (this.card.trouble) this.line.say(this.card.trouble);
  }

  #showStatus() {
    const {card} = this, busy = card.state === "training";
    const action = busy ? ["stop", "Stop and save"] : card.state === "stopped" ? ["resume", "Resume"] : null;
    const button = action && h("button", {type: "button", class: busy ? "" : "main", onclick: (event) => whileBusy(event.currentTarget, this.line, () => this.#do(action[0]))}, action[1]);
    this.status.replaceChildren(
      h("span", {class: `state ${card.state}`}, STATES[card.state]),
      h("progress", {max: card.steps, value: card.step, "aria-label": "Steps done"}),
      h("span", {}, `Step ${card.step.toLocaleString("en")} of ${card.steps.toLocaleString("en")}`, busy && card.seconds_left !== null ? `, ${duration(card.seconds_left)} left` : ""),
      button || "");
  }

  /** Stop or resume, and wait until the run's state shows it. */
  async #do(action) {
    await post(`${this.path}/${action}`);
    const from = this.card.state;
    for (let i = 0; i < TRIES && !this.left && this.card.state === from; i++) {
      await new Promise((resolve) => setTimeout(resolve, MOMENT));
      await this.#look();
    }
  }

  #showLog() {
    this.losses.replaceChildren(chart("Losses", this.#series((entry) => entry.losses)));
    const figures = this.#series((entry) => entry.held_out);
    const measured = FIGURES.map(([title, names]) => [title, Object.fromEntries(Object.entries(figures).filter(([name]) => names.test(name)))])
      .filter(([, chosen]) => Object.keys(chosen).length);
    this.held.replaceChildren(...(measured.length ? measured.map(([title, chosen]) => chart(title, chosen)) : [h("p", {class: "soft"}, "Not measured yet.")]));
    const looked = this.lines.findLast((entry) => entry.gradients);
    this.table.replaceChildren(matrix(this.run.table, looked?.gradients ?? {}));
    const findings = this.lines.findLast((entry) => entry.health)?.health;
    this.health.replaceChildren(...(findings === undefined ? [h("li", {class: "soft"}, "Not looked at yet.")]
      : findings.length ? findings.map((text) => h("li", {}, text)) : [h("li", {class: "soft"}, "No known problem was found at the last look.")]));
  }

  /** [step, value] of each figure that `pick` finds in the log's lines. */
  #series(pick) {
    const found = {};
    for (const entry of this.lines) for (const [name, value] of Object.entries(pick(entry) ?? {})) if (value !== null) (found[name] ??= []).push([entry.step, value]);
    return found;
  }

  #showPreviews() {
    const steps = this.card.previews, last = steps.at(-1), folder = `${url(this.path)}/previews`;
    if (last === undefined) return this.previews.replaceChildren(h("p", {class: "small"}, "No preview yet."));
    if (last === this.shownPreview) return;
    this.shownPreview = last;
    const image = h("img", {src: `${folder}/${last}.png`, alt: `Held-out pictures at step ${last}`});
    const slider = steps.length > 1 && sliderRow("Step", {min: 0, max: steps.length - 1, step: 1, value: steps.length - 1, text: (i) => steps[i].toLocaleString("en"),
      oninput: (i) => { image.src = `${folder}/${steps[i]}.png`; image.alt = `Held-out pictures at step ${steps[i]}`; }});
    this.previews.replaceChildren(image, slider || "");
  }
}
