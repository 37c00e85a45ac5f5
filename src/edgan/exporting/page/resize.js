// Resizing as Pillow does it, so that a photo reaches the model with the pixels that edgan in Python would give it.

const REACH = 3, BITS = 22;

const sinc = (x) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const lanczos = (x) => (Math.abs(x) < REACH ? sinc(x) * sinc(x / REACH) : 0);

/** The weights of each output pixel: [first input pixel, whole numbers that add up to about 2^22]. */
function weightsOf(length, from, to, size) {
  const scale = (to - from) / size, stretch = Math.max(1, scale), support = REACH * stretch;
  return Array.from({length: size}, (_, place) => {
    const centre = from + (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(length, Math.trunc(centre + support + 0.5));
    const weights = Array.from({length: end - first}, (_, i) => lanczos((i + first - centre + 0.5) / stretch));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return [first, weights.map((weight) => Math.trunc((weight / sum) * 2 ** BITS + (weight < 0 ? -0.5 : 0.5)))];
  });
}

const rounded = (sum) => Math.min(255, Math.max(0, Math.floor((sum + 2 ** (BITS - 1)) / 2 ** BITS)));

/** Rows `from` to `to` of RGBA pixels, with another width: (to - from, weights.length). `shift` is the first column of `data`. */
function widened(data, width, weights, from, to, shift = 0) {
  const result = new Uint8ClampedArray(4 * (to - from) * weights.length).fill(255);
  for (let row = from; row < to; row++)
    weights.forEach(([first, parts], column) => {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < parts.length; i++) sum += parts[i] * data[4 * (row * width + first - shift + i) + channel];
        result[4 * ((row - from) * weights.length + column) + channel] = rounded(sum);
      }
    });
  return result;
}

/** Columns `from` to `to` of RGBA pixels, with another height: (weights.length, to - from). `shift` is the first row of `data`. */
function heightened(data, width, weights, from, to, shift = 0) {
  const result = new Uint8ClampedArray(4 * (to - from) * weights.length).fill(255);
  weights.forEach(([first, parts], row) => {
    for (let column = from; column < to; column++)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < parts.length; i++) sum += parts[i] * data[4 * ((first - shift + i) * width + column) + channel];
        result[4 * (row * (to - from) + column - from) + channel] = rounded(sum);
      }
  });
  return result;
}

/** The first and the last input pixel that the weights read. */
const spanOf = (weights) => [weights[0][0], weights.at(-1)[0] + weights.at(-1)[1].length];

/**
 * The square box [left, top, side] of a picture {data, width, height} of RGBA pixels at another size, by Lanczos' filter with
 * antialiasing. `inside`: the filter sees the pixels of the box alone.
 *
 * Both directions round to whole numbers, so their order shows in the last digit. Pillow 13 begins with the height where that
 * saves work.
 */
export function resized(picture, [left, top, side], size, inside = false) {
  let {data, width, height} = picture;
  if (inside || side === size) {
    const cut = new Uint8ClampedArray(4 * side * side);
    for (let row = 0; row < side; row++)
      cut.set(data.subarray(4 * ((top + row) * width + left), 4 * ((top + row) * width + left + side)), 4 * row * side);
    if (side === size) return cut;
    [data, width, height, left, top] = [cut, side, side, 0, 0];
  }
  const across = weightsOf(width, left, left + side, size), down = weightsOf(height, top, top + side, size);
  if (height - size > 2 * Math.max(0, width - size)) {
    const [from, to] = spanOf(across);
    return widened(heightened(data, width, down, from, to), to - from, across, 0, size, from);
  }
  const [from, to] = spanOf(down);
  return heightened(widened(data, width, across, from, to), size, down, 0, size, from);
}
