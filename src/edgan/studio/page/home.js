// Home: every run as a card, and the models that ship.

import {get, runPath, url} from "./api.js";
import {panelsOf} from "./app.js";
import {duration, errorLine, figure, h} from "./dom.js";

const STATES = {training: "training", finished: "finished", stopped: "stopped", empty: "no checkpoint yet", damaged: "cannot be read",
  shipped: "ships with edgan", starting: "starting", failed: "did not start"};
const FIGURES = [["psnr_output", "PSNR", " dB"], ["ssim_output", "SSIM", ""], ["energy_distance", "Energy distance", ""]];

export async function open(panel) {
  const list = h("div", {class: "cards"});
  const line = errorLine();
  panel.append(
    h("div", {class: "head"}, h("h1", {}, "Runs"), h("a", {class: "button main", href: "#/train"}, "New training")), line, list);
  let drawn = "", timer = 0, left = false;
  const refresh = async () => {
    try {
      const found = await get("/runs");
      line.say(null);
      const text = JSON.stringify(found);
      if (text !== drawn) list.replaceChildren(...content(found));
      drawn = text;
    } catch (error) {
      if (error.status !== 0) line.say(error);
    }
    if (!left) timer = setTimeout(refresh, 2500);
  };
  await refresh();
  return () => { left = true; clearTimeout(timer); };
}

function content(found) {
  const own = [...found.starting, ...found.runs.filter((run) => run.state !== "shipped")].map(card);
  const shipped = found.runs.filter((run) => run.state === "shipped").map(card);
  const none = h("div", {class: "empty"}, h("p", {}, `There are no runs in ${found.folder} yet.`),
    h("p", {}, "Start a training here, or run ", h("code", {}, "edgan demo"), " and open its folder with ", h("code", {}, "edgan studio demo"), "."));
  return [...(own.length ? own : [none]), ...(shipped.length ? [h("h2", {class: "cards-head"}, "Models that ship with edgan"), ...shipped] : [])];
}

function card(run) {
  const state = h("span", {class: `state ${run.state}`}, STATES[run.state]);
  const title = h("h2", {}, run.id ? h("a", {href: address(run, run.state === "shipped" ? best(run) : "training")}, run.name) : run.name);
  if (!run.method) return h("article", {class: "card"}, h("div", {class: "card-text"}, title, state, h("p", {class: "small"}, run.trouble ?? "The process is loading its data.")));
  const last = run.previews.at(-1);
  const picture = last === undefined
    ? h("div", {class: "card-picture none"}, "no preview yet")
    : h("img", {class: "card-picture", alt: `Held-out pictures of ${run.name} at step ${last}`, src: `${url(runPath(run.id))}/previews/${last}.png`});
  const figures = FIGURES.filter(([name]) => run.held_out[name] !== undefined && run.held_out[name] !== null).slice(0, 2)
    .map(([name, text, unit]) => h("div", {}, h("dt", {}, text), h("dd", {}, figure(run.held_out[name]) + unit)));
  const progress = run.state === "training" || run.state === "stopped"
    ? [h("progress", {max: run.steps, value: run.step, "aria-label": "Steps done"}),
       h("p", {class: "small"}, `Step ${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}`,
         run.seconds_left !== null ? `, ${duration(run.seconds_left)} left` : "")]
    : [];
  const links = panelsOf(run).filter(([name]) => name !== "training" || run.state === "training")
    .map(([name, panel]) => h("a", {class: "button small-button", href: address(run, name), "aria-label": `${panel.text}: ${run.name}`}, panel.text));
  return h("article", {class: "card"}, h("a", {class: "card-link", href: address(run, best(run)), tabindex: "-1", "aria-hidden": "true"}, picture),
    h("div", {class: "card-text"}, h("div", {class: "card-title"}, title, state),
      h("p", {class: "small"}, run.title ?? `${run.method}, preset ${run.preset} · ${run.data}, ${run.images.toLocaleString("en")} images · ${run.size} px`),
      ...progress, figures.length ? h("dl", {class: "figures"}, figures) : null,
      run.health.length ? h("p", {class: "small health"}, run.health[0]) : null, h("div", {class: "links"}, links)));
}

const address = (run, panel) => `#/runs/${encodeURIComponent(run.id)}/${panel}`;
/** The panel that a person who clicks the picture wants. */
const best = (run) => (panelsOf(run).find(([name]) => ["edit", "translate", "sample", "invert"].includes(name)) ?? ["training"])[0];
