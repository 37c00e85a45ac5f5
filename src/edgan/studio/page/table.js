// Table: the routing table as a picture. Colour is the measured strength of the gradient.

import {get, runPath} from "./api.js";
import {figure, h, sliderRow} from "./dom.js";

export async function open(panel, run) {
  const {lines} = await get(`${runPath(run.id)}/log`);
  const looks = lines.filter((line) => line.gradients);
  const place = h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Routing table"});
  const draw = (i) => place.replaceChildren(matrix(run.table, looks[i]?.gradients ?? {}));
  draw(looks.length - 1);
  const slider = looks.length > 1 && sliderRow("Step", {min: 0, max: looks.length - 1, step: 1, value: looks.length - 1, text: (i) => looks[i].step.toLocaleString("en"), oninput: draw});
  panel.append(h("div", {class: "head"}, h("h1", {}, "Which loss teaches which network")),
    h("p", {class: "lead"}, run.summary[0].toUpperCase() + run.summary.slice(1), ". ", h("span", {class: "soft"}, run.paper)),
    place,
    h("div", {class: "legend"}, h("span", {class: "ramp"}), h("span", {class: "small"}, looks.length
      ? "Colour and the small number: the norm of the gradient that the term sends to the network, coloured against the strongest one in its column. A dot is a blocked cell."
      : "A dot is a blocked cell. Gradients are measured when a training evaluates itself; this one has not done so yet.")),
    slider || "");
}

/** The table as an HTML table; gradients by "term.network". */
export function matrix(table, gradients) {
  const strongest = Object.fromEntries(table.networks.map((network) => [network, Math.max(...table.rows.map((row) => gradients[`${row.term}.${network}`] ?? 0))]));
  const cell = (row, network) => {
    const weight = row.routes[network];
    if (weight === null || weight === undefined) return h("td", {class: "blocked"}, h("span", {"aria-label": "blocked"}, "·"));
    const norm = gradients[`${row.term}.${network}`];
    const share = norm && strongest[network] ? norm / strongest[network] : 0;
    return h("td", {class: "route", style: {"--share": String(share)}},
      h("span", {class: typeof weight === "string" ? "weight long" : "weight"}, typeof weight === "string" ? weight : figure(weight)), norm ? h("span", {class: "norm"}, figure(norm, 2)) : null);
  };
  return h("table", {class: "matrix"},
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Term"), table.networks.map((network) => h("th", {scope: "col"}, network.replaceAll("_", " "))))),
    h("tbody", {}, table.rows.map((row) => h("tr", {}, h("th", {scope: "row"}, row.term.replaceAll("_", " "), h("span", {class: "small"}, [row.loss, row.source, row.every > 1 ? `every ${row.every} steps` : ""].filter(Boolean).join(" · "))),
      table.networks.map((network) => cell(row, network))))));
}
