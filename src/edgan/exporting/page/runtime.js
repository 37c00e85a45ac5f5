// ONNX Runtime Web and the model's graphs, unpacked from this file. `ort` is the runtime, which the page's script begins with.

/** The bytes of a block of this file: gzip-compressed, in base64. The block is emptied: nothing reads it again. */
async function unpacked(id) {
  const block = document.getElementById(id);
  const text = atob(block.textContent.trim());
  block.textContent = "";
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The model of this page. */
export class Model {
  #sessions = new Map();
  #last = Promise.resolve();

  /** about: what the page says of the model; about.graphs: name -> {inputs, outputs}. */
  constructor(about) {
    this.about = about;
  }

  /** Unpack and start; `say` is called with what is being done. */
  async load(say) {
    if (typeof DecompressionStream === "undefined") throw new Error("This browser is too old for the page. Open it in a version of 2023 or later.");
    say("Unpacking the runtime…");
    ort.env.wasm.wasmBinary = (await unpacked("runtime")).buffer;
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    for (const name of Object.keys(this.about.graphs)) {
      say("Unpacking the model…");
      const graph = await unpacked(`graph-${name}`);
      this.#sessions.set(name, await ort.InferenceSession.create(graph, {executionProviders: ["wasm"], graphOptimizationLevel: "all"}));
    }
  }

  /** Whether a graph takes an input of this name. */
  takes(graph, name) {
    return this.about.graphs[graph].inputs.some((port) => port.name === name);
  }

  /** Whether a graph gives an output of this name. */
  gives(graph, name) {
    return this.about.graphs[graph].outputs.some((port) => port.name === name);
  }

  /** Run a graph on a batch: {name: Float32Array} to {name: Float32Array}. Calls wait for each other. */
  run(graph, given, count = 1) {
    const work = async () => {
      const feeds = {};
      for (const {name, shape} of this.about.graphs[graph].inputs)
        feeds[name] = new ort.Tensor("float32", given[name], [count, ...shape.slice(1)]);
      const made = await this.#sessions.get(graph).run(feeds);
      return Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, tensor.data]));
    };
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
