// Rank: results of rankings, and a blind test of one's own.

import {finished, get, post} from "./api.js";
import {chart} from "./chart.js";
import {errorLine, figure, h, selectRow, textRow, whileBusy} from "./dom.js";

export async function open(panel) {
  const line = errorLine();
  const result = h("div", {class: "ranking"});
  const pick = selectRow("Ranking", [], null, (id) => show(id));
  let keys = null;

  async function show(id) {
    line.say(null);
    try {
      const ranking = await get(`/rankings/${encodeURIComponent(id)}`);
      result.replaceChildren(...content(ranking));
    } catch (error) {
      line.say(error);
    }
  }
  function content(ranking) {
    const names = Object.keys(ranking.scores).sort((a, b) => ranking.scores[b] - ranking.scores[a]);
    const most = Math.max(...names.map((name) => ranking.intervals[name][1]));
    const bars = names.map((name) => {
      const [low, high] = ranking.intervals[name];
      return h("li", {}, h("div", {class: "bar-name"}, h("strong", {}, name), h("span", {}, figure(ranking.scores[name]), h("span", {class: "soft"}, ` ${figure(low)} to ${figure(high)}`))),
        h("div", {class: "score", style: {"--value": String(ranking.scores[name] / most), "--low": String(low / most), "--high": String(high / most)}}, h("span", {class: "fill"}), h("span", {class: "whisker"})),
        h("p", {class: "small"}, ranking.reasons?.[name] ?? ""));
    });
    const curves = Object.fromEntries([["real pictures", ranking.real_curve], ...names.map((name) => [name, ranking.curves[name]])].map(([name, values]) => [name, values.map((y, i) => [i + 1, y])]));
    return [
      h("p", {class: "lead"}, ranking.verdict ?? ""),
      h("div", {class: "overview"},
        h("section", {"aria-label": "Scores"}, h("h2", {}, "Scores, with 95 % intervals"), h("ol", {class: "scores"}, bars)),
        h("section", {"aria-label": "Curves"}, chart("Mean output of the discriminators", curves, {unit: "epoch"}), h("p", {class: "small"}, ranking.protocol),
          ...(ranking.warnings ?? []).map((text) => h("p", {class: "small health"}, text))),
        ranking.testable ? h("section", {class: "wide", "aria-label": "Blind test"}, h("h2", {}, "A blind test of your own"), taste(ranking)) : null)];
  }

  // The blind test.
  function taste(ranking) {
    const place = h("div", {class: "taste"}), testLine = errorLine(), tally = h("p", {class: "small", role: "status"});
    const count = ({pairs, agreed}) => { tally.textContent = pairs ? `${pairs} ${pairs === 1 ? "pair" : "pairs"} judged; the scores agree with ${agreed} of them (${Math.round((100 * agreed) / pairs)} %).` : "No pair was judged yet."; };
    count(ranking.judged);
    async function next() {
      testLine.say(null);
      try {
        const pair = await post(`/rankings/${encodeURIComponent(ranking.id)}/pairs`);
        const choose = async (choice) => {
          keys = null;
          try {
            const answer = await post(`/pairs/${pair.pair}/judgement`, {choice});
            count(answer.judged);
            names[0].textContent = answer.left;
            names[1].textContent = answer.right;
            place.querySelectorAll("button").forEach((button, i) => { button.disabled = true; button.classList.toggle("chosen", (i === 1) === (choice === "right")); });
            said.textContent = answer.agrees ? "The scores agree with you." : "The scores rank the other model higher.";
            const again = h("button", {type: "button", class: "main", onclick: next}, "Next pair");
            place.append(again);
            again.focus();
          } catch (error) {
            testLine.say(error);
          }
        };
        const names = [h("span", {}, "left"), h("span", {}, "right")], said = h("p", {role: "status"});
        const button = (side, i) => h("button", {type: "button", class: "picture", "aria-label": `The ${side} picture looks more real`, onclick: () => choose(side)}, h("img", {src: pair[side], alt: ""}), names[i]);
        place.replaceChildren(h("p", {}, "Which picture looks more real? Click it, or press ← or →."), h("div", {class: "tasting"}, button("left", 0), button("right", 1)), said);
        keys = (event) => {
          const side = {ArrowLeft: "left", ArrowRight: "right"}[event.key];
          if (side && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); choose(side); }
        };
      } catch (error) {
        testLine.say(error);
      }
    }
    place.append(h("button", {type: "button", class: "main", onclick: next}, "Begin"));
    return h("div", {}, place, tally, testLine);
  }
  const pressed = (event) => keys?.(event);
  document.addEventListener("keydown", pressed);

  // A new ranking.
  const real = textRow("Real pictures: folder or .zip", {placeholder: "path"}), name = textRow("Name of the ranking", {value: "ranking"});
  const size = textRow("Size, pixels", {value: "64", inputmode: "numeric", size: "5"});
  const models = h("div", {class: "models"});
  const addModel = () => models.append(h("div", {class: "row model"}, textRow("Model", {size: "12"}), textRow("Its pictures: folder or .zip", {placeholder: "path"})));
  addModel();
  addModel();
  const formLine = errorLine(), progress = h("progress", {hidden: true, "aria-label": "Epochs done"});
  const start = h("button", {type: "button", class: "main", onclick: (event) => whileBusy(event.currentTarget, formLine, async () => {
    const rows = [...models.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim())).filter(([model, path]) => model || path);
    progress.hidden = false;
    try {
      const job = await post("/rankings", {name: name.input.value, real: real.input.value, size: Number(size.input.value), fakes: Object.fromEntries(rows)});
      const done = await finished(job, (at, total) => { if (total) { progress.max = total; progress.value = at; } });
      await list(done.ranking);
      if (done.notes.length) formLine.say(done.notes.join(" "));
    } finally {
      progress.hidden = true;
    }
  })}, "Rank");
  const form = h("details", {class: "new-ranking"}, h("summary", {}, "Rank models by their pictures"),
    h("div", {class: "narrow"}, real, models, h("button", {type: "button", onclick: addModel}, "Add a model"), h("div", {class: "row"}, name, size), h("div", {class: "row"}, start, progress), formLine));

  async function list(chosen) {
    const found = await get("/rankings");
    pick.hidden = !found.length;
    if (!found.length) {
      form.open = true;
      return result.replaceChildren(h("p", {}, "There are no rankings here yet. Rank models below, or write one with ", h("code", {}, "edgan rank --json > ranking.json"), " in this folder."));
    }
    pick.select.replaceChildren(...found.map((entry) => h("option", {value: entry.id, selected: entry.id === chosen}, entry.id.replaceAll(":", " / "))));
    await show(chosen ?? found[0].id);
  }
  panel.append(h("div", {class: "head"}, h("h1", {}, "Rank"), pick), line, result, form);
  await list();
  return () => document.removeEventListener("keydown", pressed);
}
