// Line charts in SVG: a few series over steps, with a readout under the pointer.

import {figure, h, svg} from "./dom.js";

const WIDTH = 640, HEIGHT = 220, LEFT = 52, RIGHT = 10, TOP = 10, BOTTOM = 26, MOST_POINTS = 400;

/** series: {name: [[x, y], ...]}. Returns a figure with a legend. */
export function chart(title, series, {unit = "step", log = false} = {}) {
  const names = Object.keys(series).filter((name) => series[name].length);
  if (!names.length) return h("p", {class: "small"}, "Nothing was measured yet.");
  const points = names.flatMap((name) => series[name]);
  const usable = (y) => Number.isFinite(y) && (!log || y > 0);
  const scale = (y) => (log ? Math.log10(y) : y);
  const xs = points.map(([x]) => x), ys = points.filter(([, y]) => usable(y)).map(([, y]) => scale(y));
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
  if (y0 === y1) [y0, y1] = [y0 - 0.5, y1 + 0.5];
  const px = (x) => LEFT + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - LEFT - RIGHT);
  const py = (y) => TOP + (1 - (scale(y) - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const text = (x, y, words, anchor) => Object.assign(svg("text", {x, y, "text-anchor": anchor}), {textContent: words});
  const plot = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${names.join(", ")}`});
  for (const share of [0, 0.5, 1]) {
    const value = y0 + share * (y1 - y0), y = TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
    plot.append(svg("line", {x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: "rule"}), text(LEFT - 6, y + 4, figure(log ? 10 ** value : value, 2), "end"));
  }
  plot.append(text(LEFT, HEIGHT - 6, x0.toLocaleString("en"), "start"), text(WIDTH - RIGHT, HEIGHT - 6, `${unit} ${x1.toLocaleString("en")}`, "end"));
  names.forEach((name, i) => {
    const kept = thin(series[name].filter(([, y]) => usable(y)));
    plot.append(svg("polyline", {points: kept.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(" "), class: `line s${i % 8}`}));
  });
  const mark = svg("line", {y1: TOP, y2: HEIGHT - BOTTOM, class: "mark"});
  mark.style.display = "none";
  plot.append(mark);
  const values = names.map((name) => h("span", {class: "value"}));
  const legend = h("ul", {class: "series"}, names.map((name, i) => h("li", {}, h("span", {class: `key s${i % 8}`}), name.replaceAll("_", " "), " ", values[i])));
  const read = (x) => names.forEach((name, i) => {
    const near = series[name].reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));
    values[i].textContent = figure(near[1]);
  });
  read(x1);
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const at = (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    const x = x0 + Math.min(1, Math.max(0, at)) * (x1 - x0);
    mark.setAttribute("x1", px(x));
    mark.setAttribute("x2", px(x));
    mark.style.display = "";
    read(x);
  });
  plot.addEventListener("pointerleave", () => { mark.style.display = "none"; read(x1); });
  return h("figure", {class: "chart"}, h("figcaption", {}, title), plot, legend);
}

/** Means of neighbouring points where there are too many to see. */
function thin(points) {
  const step = Math.ceil(points.length / MOST_POINTS);
  if (step === 1) return points;
  return Array.from({length: Math.ceil(points.length / step)}, (_, i) => {
    const chunk = points.slice(i * step, (i + 1) * step);
    return [chunk.at(-1)[0], chunk.reduce((sum, [, y]) => sum + y, 0) / chunk.length];
  });
}
