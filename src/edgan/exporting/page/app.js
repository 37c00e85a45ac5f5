// The page: what it says of the model, then the panel of its verb.

import {h} from "./dom.js";
import {Editor} from "./edit.js";
import {Model} from "./runtime.js";
import {Sampler} from "./sample.js";
import {Translator} from "./translate.js";

const PANELS = {edit: Editor, sample: Sampler, translate: Translator};

async function begin() {
  const about = JSON.parse(document.getElementById("about").textContent);
  const main = document.getElementById("main"), words = h("span", {}, "");
  const waiting = h("p", {class: "waiting", role: "status"}, words);
  main.replaceChildren(waiting);
  try {
    const model = new Model(about);
    await model.load((what) => { words.textContent = what; });
    main.replaceChildren(new PANELS[about.panel](model).element);
    main.classList.add("ready");
  } catch (error) {
    main.replaceChildren(h("p", {class: "error", role: "alert"}, `The model could not be started: ${error.message ?? error}`));
  }
}
begin();
