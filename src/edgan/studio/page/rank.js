// Rank: results of rankings, and a blind test of one's own.

import {finished, get, post} from "./api.js";
import {BlindTest} from "./blind_test.js";
import {chart} from "./chart.js";
import {errorLine, figure, h, selectRow, textRow, whileBusy} from "./dom.js";

export async function open(panel) {
  const line = errorLine(), result = h("div", {class: "ranking"});
  let test = null;
  async function show(id) {
    line.say(null);
    try {
      const ranking = await get(`/rankings/${encodeURIComponent(id)}`);
      test = ranking.testable ? new BlindTest(ranking) : null;
      result.replaceChildren(...content(ranking, test));
    } catch (error) {
      line.say(error);
    }
  }
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
  const pick = selectRow("Ranking", [], null, show), form = newRanking(list);
  const pressed = (event) => test?.pressed(event);
  document.addEventListener("keydown", pressed);
  panel.append(h("div", {class: "head"}, h("h1", {}, "Rank"), pick), line, result, form);
  await list();
  return () => document.removeEventListener("keydown", pressed);
}

/** What is shown of a ranking. */
function content(ranking, test) {
  const names = Object.keys(ranking.scores).sort((a, b) => ranking.scores[b] - ranking.scores[a]);
  const most = Math.max(...names.map((name) => ranking.intervals[name][1]));
  const curves = Object.fromEntries([["real pictures", ranking.real_curve], ...names.map((name) => [name, ranking.curves[name]])].map(([name, values]) => [name, values.map((y, i) => [i + 1, y])]));
  return [
    h("p", {class: "lead"}, ranking.verdict ?? ""),
    h("div", {class: "overview"},
      h("section", {"aria-label": "Scores"}, h("h2", {}, "Scores, with 95 % intervals"), h("ol", {class: "scores"}, names.map((name) => bar(ranking, name, most)))),
      h("section", {"aria-label": "Curves"}, chart("Mean output of the discriminators", curves, {unit: "epoch"}), h("p", {class: "small"}, ranking.protocol),
        ...(ranking.warnings ?? []).map((text) => h("p", {class: "small health"}, text))),
      test && h("section", {class: "wide", "aria-label": "Blind test"}, h("h2", {}, "A blind test of your own"), test.element))];
}

/** A model's score with its interval. */
function bar(ranking, name, most) {
  const [low, high] = ranking.intervals[name];
  return h("li", {}, h("div", {class: "bar-name"}, h("strong", {}, name), h("span", {}, figure(ranking.scores[name]), h("span", {class: "soft"}, ` ${figure(low)} to ${figure(high)}`))),
    h("div", {class: "score", style: {"--value": String(ranking.scores[name] / most), "--low": String(low / most), "--high": String(high / most)}}, h("span", {class: "fill"}), h("span", {class: "whisker"})),
    h("p", {class: "small"}, ranking.reasons?.[name] ?? ""));
}

/** The form that makes a ranking; `list(id)` is called when it is done. */
function newRanking(list) {
  const real = textRow("Real pictures: folder or .zip", {placeholder: "path"}), name = textRow("Name of the ranking", {value: "ranking"});
  const size = textRow("Size, pixels", {value: "64", inputmode: "numeric", size: "5"});
  const models = h("div", {class: "models"});
  const addModel = () => models.append(h("div", {class: "row model"}, textRow("Model", {size: "12"}), textRow("Its pictures: folder or .zip", {placeholder: "path"})));
  addModel();
  addModel();
  const line = errorLine(), progress = h("progress", {hidden: true, "aria-label": "Epochs done"});
  const start = h("button", {type: "button", class: "main", onclick: (event) => whileBusy(event.currentTarget, line, async () => {
    const rows = [...models.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim())).filter(([model, path]) => model || path);
    progress.hidden = false;
    try {
      const job = await post("/rankings", {name: name.input.value, real: real.input.value, size: Number(size.input.value), fakes: Object.fromEntries(rows)});
      const done = await finished(job, (at, total) => { if (total) { progress.max = total; progress.value = at; } });
      await list(done.ranking);
      if (done.notes.length) line.say(done.notes.join(" "));
    } finally {
      progress.hidden = true;
    }
  })}, "Rank");
  return h("details", {class: "new-ranking"}, h("summary", {}, "Rank models by their pictures"),
    h("div", {class: "narrow"}, real, models, h("button", {type: "button", onclick: addModel}, "Add a model"), h("div", {class: "row"}, name, size), h("div", {class: "row"}, start, progress), line));
}
