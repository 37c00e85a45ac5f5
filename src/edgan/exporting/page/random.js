// Random numbers that a seed repeats.

/** A source of numbers in [0, 1): mulberry32, by Tommy Ettinger (public domain). */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` numbers of a distribution as edgan names it: "N(0, 1)", "U(0, 1)" or "U(-1, 1)". */
export function draw(distribution, count, seed) {
  const next = uniform(Math.imul(seed + 1, 2654435761));
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const one = {"N(0, 1)": normal, "U(0, 1)": next, "U(-1, 1)": () => 2 * next() - 1}[distribution];
  return Float32Array.from({length: count}, one);
}
