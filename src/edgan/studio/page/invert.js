// Invert: a picture, and each of the run's ways to its latent beside the others.

import {post, postBlob, runPath} from "./api.js";
import {errorLine, figure, h, sliderRow} from "./dom.js";
import {hand} from "./edit.js";
import {chooser} from "./source.js";
import {thumb} from "./stage.js";

export async function open(panel, run) {
  const path = runPath(run.id);
  const line = errorLine();
  const input = h("div", {class: "inversion"});
  const results = h("div", {class: "inversions"});
  let picture = null, steps = 100, round = 0;

  async function take(to) {
    picture = to;
    const mine = ++round;
    line.say(null);
    try {
      const bitmap = await createImageBitmap(await postBlob(`${path}/input`, {picture}));
      input.replaceChildren(h("h2", {}, "Input"), thumb(bitmap, "The picture to invert"));
    } catch (error) {
      return line.say(error);
    }
    const places = run.ways.map((way) => h("article", {class: "inversion busy", "aria-busy": "true"}, h("h2", {}, way), h("p", {class: "small", role: "status"}, "Inverting …")));
    results.replaceChildren(...places);
    for (const [i, way] of run.ways.entries()) {
      if (mine !== round) return;
      const content = await invert(way).catch((error) => [h("p", {class: "error", role: "alert"}, error.message)]);
      places[i].classList.remove("busy");
      places[i].removeAttribute("aria-busy");
      places[i].replaceChildren(h("h2", {}, way), ...content);
    }
  }
  async function invert(way) {
    const found = await post(`${path}/invert`, {picture, how: way, steps});
    const edit = run.capabilities.includes("edit")
      && h("button", {type: "button", onclick: () => hand(run, {latent: found.latent})}, "Edit this latent");
    const rows = [["PSNR", `${figure(found.psnr)} dB`], ["SSIM", figure(found.ssim)], ["Time", `${figure(found.milliseconds)} ms`]];
    return [
      h("div", {class: "pair"},
        h("figure", {}, h("img", {src: found.image, alt: `Drawn from the latent that ${way} found`}), h("figcaption", {}, "redrawn")),
        h("figure", {}, h("img", {src: found.errors, alt: "Error map: white where the pictures differ by a quarter of the range or more"}), h("figcaption", {}, "error"))),
      h("dl", {class: "figures"}, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
      edit || ""];
  }

  const choose = chooser(run, take);
  const slow = run.ways.some((way) => way === "optimise" || way === "hybrid");
  const effort = sliderRow("Steps of L-BFGS", {min: 10, max: 500, step: 10, value: steps, oninput: (value) => { steps = value; }, onchange: () => picture && take(picture)});
  panel.append(h("h1", {class: "unseen"}, `Invert pictures with ${run.name}`),
    h("div", {class: "inverting"}, h("section", {"aria-label": "Picture"}, input, choose.element, slow && effort, line), results));
  take({split: "val", index: 0});
  return () => { round += 1; choose.leave(); };
}
