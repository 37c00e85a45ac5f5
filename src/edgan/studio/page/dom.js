// Building elements, and small pieces that every panel uses.

/** An element: h("button", {class: "main", onclick: f, disabled: true}, "Text", otherElement). */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, inner] of Object.entries(value)) element.style.setProperty(key, inner);
    else if (name in element && name !== "list" && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

let numbered = 0;
/** An id for a label and its control. */
export const newId = () => `c${++numbered}`;

/** "5_o_Clock_Shadow" as a person reads it. */
export const readable = (name) => name.replaceAll("_", " ");

export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60 && whole < 600 ? `${whole % 60} s` : ""}`.trim();
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** A number in as few digits as it needs. */
export const figure = (value, digits = 3) => (value === null || value === undefined ? "–" : Number(value.toPrecision(digits)).toString());

/** A sentence where something went wrong; it is read out. An empty one disappears. */
export function errorLine() {
  const line = h("p", {class: "error", role: "alert", hidden: true});
  line.say = (error) => {
    line.textContent = error ? String(error.message ?? error) : "";
    line.hidden = !error;
  };
  return line;
}

/** Run work while a button shows that it is busy, and put an error where it happened. */
export async function whileBusy(button, line, work) {
  line?.say(null);
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    return await work();
  } catch (error) {
    if (!line) throw error;
    line.say(error);
  } finally {
    button.classList.remove("busy");
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

/** Buttons of which one is pressed. choices: [value, text] pairs. */
export function segmented(label, choices, value, onchange) {
  const buttons = choices.map(([key, text]) =>
    h("button", {type: "button", "aria-pressed": String(key === value), onclick: () => group.choose(key)}, text));
  const group = h("div", {class: "segmented", role: "group", "aria-label": label}, buttons);
  group.choose = (key, silent = false) => {
    choices.forEach(([other], i) => buttons[i].setAttribute("aria-pressed", String(other === key)));
    group.value = key;
    if (!silent) onchange(key);
  };
  group.value = value;
  return group;
}

/** A labelled slider with its value. Returns the row; row.input is the slider. */
export function sliderRow(label, {min, max, step, value, text = (v) => v, oninput, onchange}) {
  const id = newId();
  const output = h("output", {for: id}, text(value));
  const input = h("input", {
    id, type: "range", min: String(min), max: String(max), step: String(step), value: String(value),
    oninput: () => { output.textContent = text(Number(input.value)); oninput?.(Number(input.value)); },
    onchange: () => onchange?.(Number(input.value)),
  });
  const row = h("div", {class: "slider"}, h("label", {for: id}, label), output, input);
  row.input = input;
  row.set = (to) => { input.value = String(to); output.textContent = text(Number(to)); };
  return row;
}

/** A labelled select. choices: [value, text] pairs. */
export function selectRow(label, choices, value, onchange) {
  const id = newId();
  const select = h("select", {id, onchange: () => onchange?.(select.value)},
    choices.map(([key, text]) => h("option", {value: key, selected: key === value}, text)));
  const row = h("div", {class: "field"}, h("label", {for: id}, label), select);
  row.select = select;
  return row;
}

/** A labelled text input. */
export function textRow(label, properties = {}) {
  const id = newId();
  const input = h("input", {id, type: "text", autocomplete: "off", spellcheck: "false", ...properties});
  const row = h("div", {class: "field"}, h("label", {for: id}, label), input);
  row.input = input;
  return row;
}

/** Save bytes as a file. */
export function download(blob, name) {
  const link = h("a", {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** A modal dialog with a title and a button to close it. */
export function dialog(title, ...children) {
  const id = newId();
  const close = h("button", {type: "button", class: "quiet close", "aria-label": "Close", onclick: () => box.close()}, "✕");
  const box = h("dialog", {"aria-labelledby": id, onclose: () => box.remove()},
    h("div", {class: "dialog-head"}, h("h2", {id}, title), close), ...children);
  document.body.append(box);
  box.showModal();
  return box;
}

/** Ctrl+Z takes the last step of a history back, with Shift it does it again; not while a dialog is open. */
export function undoByKey(event, history) {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.shiftKey ? history.redo() : history.undo();
}
