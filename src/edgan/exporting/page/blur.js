// The blur of the crop that IcGAN's and CDNet's authors cut from CelebA's aligned pictures, as Pillow computes it.

const PASSES = 3;

/** The radius of boxes whose repeated blur is a Gaussian of this deviation: [whole part, rest]. */
function boxOf(deviation) {
  const variance = deviation ** 2 / PASSES;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  return [whole, ((2 * whole + 1) * (whole * (whole + 1) - 3 * variance)) / (6 * (variance - (whole + 1) ** 2))];
}

/** A line of numbers, each the mean over a box around it; beyond the ends the last number goes on. */
function boxed(line, whole, rest) {
  const weight = 1 / (2 * (whole + rest) + 1), edge = (1 - (2 * whole + 1) * weight) / 2;
  const at = (i) => line[Math.min(line.length - 1, Math.max(0, i))];
  return line.map((_, i) => {
    let sum = 0;
    for (let j = i - whole; j <= i + whole; j++) sum += at(j);
    return Math.round(sum * weight + (at(i - whole - 1) + at(i + whole + 1)) * edge);
  });
}

/** RGBA pixels of a square, blurred by a Gaussian. */
function gaussian(rgba, side, deviation) {
  const result = rgba.slice(), [whole, rest] = boxOf(deviation);
  for (const [along, across] of [[4, 4 * side], [4 * side, 4]])
    for (let i = 0; i < side; i++)
      for (let channel = 0; channel < 3; channel++) {
        let line = Array.from({length: side}, (_, j) => result[i * across + j * along + channel]);
        for (let pass = 0; pass < PASSES; pass++) line = boxed(line, whole, rest);
        line.forEach((value, j) => { result[i * across + j * along + channel] = value; });
      }
  return result;
}

/** The value between b and c of four numbers in a row, by a cubic polynomial. */
function cubic([a, b, c, d], share) {
  return b + share * (c - a + share * (2 * (a - b) + c - d + share * (b - a - c + d)));
}

/** RGBA pixels of a square at another size: blurred, then interpolated with cubic polynomials, without antialiasing. */
export function blurredTo(rgba, side, size) {
  const scale = side / size;
  const smooth = scale > 1 ? gaussian(rgba, side, Math.sqrt(scale) / 2) : rgba;
  const clamped = (i) => Math.min(side - 1, Math.max(0, i));
  const result = new Uint8ClampedArray(4 * size * size).fill(255);
  const around = (place) => {
    const exact = scale * (place + 0.5) - 0.5, first = Math.floor(exact);
    return [[-1, 0, 1, 2].map((step) => clamped(first + step)), exact - first];
  };
  for (let row = 0; row < size; row++) {
    const [rows, down] = around(row);
    for (let column = 0; column < size; column++) {
      const [columns, across] = around(column);
      for (let channel = 0; channel < 3; channel++) {
        const lines = rows.map((y) => cubic(columns.map((x) => smooth[4 * (y * side + x) + channel]), across));
        result[4 * (row * size + column) + channel] = Math.floor(Math.min(255, Math.max(0, cubic(lines, down))));
      }
    }
  }
  return result;
}
