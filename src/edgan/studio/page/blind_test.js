// The blind test: which of two pictures looks more real? Choices are kept with the ranking.

import {post} from "./api.js";
import {errorLine, h} from "./dom.js";

/** The test of one ranking. Its element holds the pair; ← and → choose too. */
export class BlindTest {
  constructor(ranking) {
    Object.assign(this, {ranking, key: null});
    this.place = h("div", {class: "taste"});
    this.line = errorLine();
    this.tally = h("p", {class: "small", role: "status"});
    this.element = h("div", {}, this.place, this.tally, this.line);
    this.place.append(h("button", {type: "button", class: "main", onclick: () => this.next()}, "Begin"));
    this.#count(ranking.judged);
  }

  /** A key was pressed anywhere on the page. */
  pressed(event) { this.key?.(event); }

  async next() {
    this.line.say(null);
    try {
      this.#show(await post(`/rankings/${encodeURIComponent(this.ranking.id)}/pairs`));
    } catch (error) {
      this.line.say(error);
    }
  }

  #count({pairs, agreed}) {
    this.tally.textContent = pairs ? `${pairs} ${pairs === 1 ? "pair" : "pairs"} judged; the scores agree with ${agreed} of them (${Math.round((100 * agreed) / pairs)} %).` : "No pair was judged yet.";
  }

  #show(pair) {
    this.names = [h("span", {}, "left"), h("span", {}, "right")];
    this.said = h("p", {role: "status"});
    const button = (side, i) => h("button", {type: "button", class: "picture", "aria-label": `The ${side} picture looks more real`, onclick: () => this.#choose(pair, side)}, h("img", {src: pair[side], alt: ""}), this.names[i]);
    this.place.replaceChildren(h("p", {}, "Which picture looks more real? Click it, or press ← or →."), h("div", {class: "tasting"}, button("left", 0), button("right", 1)), this.said);
    this.key = (event) => {
      const side = {ArrowLeft: "left", ArrowRight: "right"}[event.key];
      if (side && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); this.#choose(pair, side); }
    };
  }

  async #choose(pair, choice) {
    this.key = null;
    try {
      const answer = await post(`/pairs/${pair.pair}/judgement`, {choice});
      this.#count(answer.judged);
      [this.names[0].textContent, this.names[1].textContent] = [answer.left, answer.right];
      this.place.querySelectorAll("button").forEach((button, i) => { button.disabled = true; button.classList.toggle("chosen", (i === 1) === (choice === "right")); });
      this.said.textContent = answer.agrees ? "The scores agree with you." : "The scores rank the other model higher.";
      const again = h("button", {type: "button", class: "main", onclick: () => this.next()}, "Next pair");
      this.place.append(again);
      again.focus();
    } catch (error) {
      this.line.say(error);
    }
  }
}
