// Pixels and what the model computes with: from 0 to 255 to [-1, 1] and back, as edgan does in Python.

/** RGBA pixels of a square picture as channels, (C, S, S) in [-1, 1]; one channel is the luminance. */
export function toTensor(rgba, channels) {
  const count = rgba.length / 4;
  const values = new Float32Array(channels * count);
  for (let i = 0; i < count; i++) {
    const [red, green, blue] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
    if (channels === 1) values[i] = ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16) / 127.5 - 1;
    else {
      values[i] = red / 127.5 - 1;
      values[count + i] = green / 127.5 - 1;
      values[2 * count + i] = blue / 127.5 - 1;
    }
  }
  return values;
}

/** One picture of a batch, (C, S, S) in [-1, 1], as a canvas; values outside are clipped. */
export function toCanvas(values, size, channels, at = 0) {
  const count = size * size, start = at * channels * count;
  const rgba = new Uint8ClampedArray(4 * count);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++)
      rgba[4 * i + channel] = Math.round((values[start + (channels === 1 ? 0 : channel * count) + i] + 1) * 127.5);
    rgba[4 * i + 3] = 255;
  }
  return canvasOf(rgba, size);
}

/** RGBA pixels of a square picture as a canvas. */
export function canvasOf(rgba, size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  canvas.getContext("2d").putImageData(new ImageData(rgba, size, size), 0, 0);
  return canvas;
}

/** A map of classes as one-hot planes (K, S, S), 1 and -1: each pixel belongs to the class with the nearest colour. */
export function toClasses(rgba, colours) {
  const count = rgba.length / 4;
  const values = new Float32Array(colours.length * count).fill(-1);
  for (let i = 0; i < count; i++) {
    let best = 0, least = Infinity;
    colours.forEach((colour, index) => {
      const distance = (rgba[4 * i] - colour[0]) ** 2 + (rgba[4 * i + 1] - colour[1]) ** 2 + (rgba[4 * i + 2] - colour[2]) ** 2;
      if (distance < least) [best, least] = [index, distance];
    });
    values[best * count + i] = 1;
  }
  return values;
}
