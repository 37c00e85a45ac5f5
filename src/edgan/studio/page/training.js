// Training: a run's losses, gradients, health and previews, live while it trains; stop and resume.

import {get, post, runPath, url} from "./api.js";
import {chart} from "./chart.js";
import {duration, errorLine, figure, h, sliderRow, whileBusy} from "./dom.js";
import {matrix} from "./table.js";

export async function open(panel, run) {
  const path = runPath(run.id);
  const line = errorLine();
  const status = h("div", {class: "status"});
  const losses = h("div"), held = h("div", {class: "charts"}), table = h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Gradients"});
  const health = h("ul", {class: "findings", "aria-live": "polite"}), previews = h("div", {class: "previews"});
  const lines = [];
  let after = 0, timer = 0, left = false, shownPreview = null, card = run;

  function showStatus() {
    const busy = card.state === "training";
    const action = busy ? ["stop", "Stop and save"] : card.state === "stopped" ? ["resume", "Resume"] : null;
    const button = action && h("button", {type: "button", class: busy ? "" : "main", onclick: (event) => whileBusy(event.currentTarget, line, async () => {
      await post(`${path}/${action[0]}`);
      const from = card.state;
      for (let i = 0; i < 40 && !left && card.state === from; i++) { await new Promise((resolve) => setTimeout(resolve, 500)); await look(); }
    })}, action[1]);
    status.replaceChildren(
      h("span", {class: `state ${card.state}`}, {training: "training", finished: "finished", stopped: "stopped", empty: "no checkpoint yet"}[card.state]),
      h("progress", {max: card.steps, value: card.step, "aria-label": "Steps done"}),
      h("span", {}, `Step ${card.step.toLocaleString("en")} of ${card.steps.toLocaleString("en")}`, busy && card.seconds_left !== null ? `, ${duration(card.seconds_left)} left` : ""),
      button || "");
  }
  function showLog() {
    const series = (pick) => {
      const found = {};
      for (const entry of lines) for (const [name, value] of Object.entries(pick(entry) ?? {})) if (value !== null) (found[name] ??= []).push([entry.step, value]);
      return found;
    };
    losses.replaceChildren(chart("Losses", series((entry) => entry.losses)));
    const figures = series((entry) => entry.held_out);
    const groups = [["PSNR of held-out pictures, dB", /^psnr_/], ["SSIM of held-out pictures", /ssim_/], ["Discriminator on held-out pictures", /^(d|critic)_/], ["Energy distance of samples", /^energy_distance$/]];
    const measured = groups.map(([title, names]) => [title, Object.fromEntries(Object.entries(figures).filter(([name]) => names.test(name)))])
      .filter(([, chosen]) => Object.keys(chosen).length);
    held.replaceChildren(...(measured.length ? measured.map(([title, chosen]) => chart(title, chosen)) : [h("p", {class: "soft"}, "Not measured yet.")]));
    const looked = lines.findLast((entry) => entry.gradients);
    table.replaceChildren(matrix(run.table, looked?.gradients ?? {}));
    const findings = lines.findLast((entry) => entry.health)?.health;
    health.replaceChildren(...(findings === undefined ? [h("li", {class: "soft"}, "Not looked at yet.")]
      : findings.length ? findings.map((text) => h("li", {}, text)) : [h("li", {class: "soft"}, "No known problem was found at the last look.")]));
  }
  function showPreviews() {
    const steps = card.previews, last = steps.at(-1);
    if (last === undefined) return previews.replaceChildren(h("p", {class: "small"}, "No preview yet."));
    if (last === shownPreview) return;
    shownPreview = last;
    const image = h("img", {src: `${url(path)}/previews/${last}.png`, alt: `Held-out pictures at step ${last}`});
    const slider = steps.length > 1 && sliderRow("Step", {min: 0, max: steps.length - 1, step: 1, value: steps.length - 1, text: (i) => steps[i].toLocaleString("en"),
      oninput: (i) => { image.src = `${url(path)}/previews/${steps[i]}.png`; image.alt = `Held-out pictures at step ${steps[i]}`; }});
    previews.replaceChildren(image, slider || "");
  }
  async function look() {
    const found = await get(`${path}/log?after=${after}`);
    if (found.next < after) lines.length = 0; // the log of a resumed run was shortened
    lines.push(...found.lines);
    card = await get(path);
    if (after === 0 || found.lines.length) showLog();
    after = found.next;
    showStatus();
    showPreviews();
    if (card.trouble) line.say(card.trouble);
  }
  async function watch() {
    try {
      await look();
    } catch (error) {
      if (error.status !== 0) line.say(error);
    }
    if (!left) timer = setTimeout(watch, card.state === "training" ? 1500 : 4000);
  }

  const facts = [["Method", run.method], ["Preset", run.preset], ["Data", `${run.data}, ${run.images.toLocaleString("en")} images`], ["Size", `${run.size} px`], ["Folder", run.path]];
  panel.append(
    h("div", {class: "head"}, h("h1", {}, run.name), status), line,
    h("div", {class: "overview"},
      h("section", {class: "wide", "aria-label": "Previews"}, h("h2", {}, "Held-out pictures"), previews),
      h("section", {"aria-label": "Health"}, h("h2", {}, "Health"), health, h("dl", {class: "facts"}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))),
      h("section", {"aria-label": "Losses"}, losses), h("section", {class: "wide", "aria-label": "Held-out figures"}, h("h2", {}, "Held-out figures"), held),
      h("section", {class: "wide", "aria-label": "Gradient norms"}, h("h2", {}, "Gradient of each term in each network"), table)));
  await watch();
  return () => { left = true; clearTimeout(timer); };
}
