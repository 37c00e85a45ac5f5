// The page: which panel is open, the tabs of a run, and whether the server is there.

import {alive, get, runPath} from "./api.js";
import {h, readable} from "./dom.js";

const PANELS = {
  training: {text: "Training", needs: null},
  table: {text: "Table", needs: null},
  edit: {text: "Edit", needs: "edit"},
  translate: {text: "Translate", needs: "translate"},
  sample: {text: "Sample", needs: "sample"},
  invert: {text: "Invert", needs: "invert"},
};
const main = document.getElementById("main");
const tabs = document.getElementById("tabs");
const gone = document.getElementById("gone");
let leave = () => {};

/** The panels that a run has, by what its model can do. */
export const panelsOf = (card) =>
  Object.entries(PANELS).filter(([name]) => name !== "training" || card.state !== "shipped")
    .filter(([, panel]) => !panel.needs || (card.ready && card.capabilities?.includes(panel.needs)));

function showTabs(card, current) {
  const link = (address, text, here) => h("a", {href: address, "aria-current": here ? "page" : null}, text);
  const ofRun = card
    ? [h("span", {class: "run-name", title: card.path ?? ""}, card.name),
       ...panelsOf(card).map(([name, panel]) => link(`#/runs/${encodeURIComponent(card.id)}/${name}`, panel.text, name === current))]
    : [];
  tabs.replaceChildren(link("#/", "Home", current === "home"), link("#/rank", "Rank", current === "rank"), ...ofRun);
  const here = tabs.querySelector("[aria-current]");
  // scrollIntoView would also move the place from which Tab goes on, past the link to the content.
  if (here) tabs.scrollLeft += middle(here) - middle(tabs);
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return box.left + box.width / 2;
}

async function open() {
  leave();
  leave = () => {};
  document.querySelectorAll("dialog").forEach((box) => box.close());
  const [, first, id, panel = "training"] = location.hash.split("/");
  const here = location.hash;
  main.replaceChildren(h("p", {class: "waiting", role: "status"}, "Loading …"));
  try {
    const known = first === "runs" && id;
    const card = known ? await get(runPath(decodeURIComponent(id))) : null;
    const name = card ? panel : first === "rank" ? "rank" : first === "train" ? "train" : "home";
    if (card && !panelsOf(card).some(([key]) => key === panel)) throw new Error(`This run has no panel ${readable(panel)}.`);
    const module = await import(`./${name}.js`);
    if (location.hash !== here) return;
    showTabs(card, name);
    const content = h("div", {class: `panel ${name}`});
    main.replaceChildren(content);
    leave = (await module.open(content, card)) ?? (() => {});
    if (location.hash !== here) leave();
    document.title = card ? `${card.name} – edgan studio` : "edgan studio";
  } catch (error) {
    showTabs(null, "");
    main.replaceChildren(h("div", {class: "alone"},
      h("p", {class: "error", role: "alert"}, error.message), h("p", {}, h("a", {href: "#/"}, "Back to all runs"))));
  }
}

let watching = false;
document.addEventListener("studio-gone", async () => {
  gone.textContent = "The studio does not answer: edgan studio has ended, or this machine cannot reach it. The page goes on when it is back.";
  gone.hidden = false;
  if (watching) return;
  watching = true;
  while (!(await alive())) await new Promise((resolve) => setTimeout(resolve, 1000));
  watching = false;
  gone.hidden = true;
});
document.addEventListener("studio-here", () => { gone.hidden = true; });
setInterval(async () => {
  if (!document.hidden && !(await alive())) document.dispatchEvent(new Event("studio-gone"));
}, 4000);

addEventListener("hashchange", open);
addEventListener("dragover", (event) => event.preventDefault()); // a file beside the target must not replace the page
addEventListener("drop", (event) => event.preventDefault());
open();
