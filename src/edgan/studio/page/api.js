// The studio's HTTP interface. Every error becomes one sentence.

const API = "/api/v1";
/** A name of this page among all that are open, so that only its own requests replace each other. */
const client = crypto.getRandomValues(new Uint32Array(2)).join("");
export const stream = (name) => `${client}:${name}`;

export class RefusedError extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A request; it waits and tries again a few times where the studio is busy. */
async function request(path, options, tries = 6) {
  let response;
  try {
    response = await fetch(API + path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    document.dispatchEvent(new Event("studio-gone"));
    throw new RefusedError(0, "The studio does not answer. Is edgan studio still running in its terminal?");
  }
  document.dispatchEvent(new Event("studio-here"));
  if (response.status === 429 && tries > 1) {
    await pause(250 + 250 * Math.random());
    return request(path, options, tries - 1);
  }
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new RefusedError(response.status, answer.error ?? `The studio answered with status ${response.status}.`);
  }
  return response;
}

const asJson = (body) => ({method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)});

export const get = async (path) => (await request(path, {})).json();
export const post = async (path, body = {}) => (await request(path, asJson(body))).json();
/** A picture, or another file, that a request returns. */
export const getBlob = async (path) => (await request(path, {})).blob();
export const postBlob = async (path, body) => (await request(path, asJson(body))).blob();
/** Send the bytes of a file. */
export const send = (path, bytes) =>
  request(path, {method: "POST", headers: {"content-type": "application/octet-stream"}, body: bytes});
/** The address of a picture for an <img>. */
export const url = (path) => API + path;
export const runPath = (run) => `/runs/${encodeURIComponent(run)}`;

/** Wait for a job: the check of a folder, a ranking. progress(done, total) is called meanwhile. */
export async function finished(job, progress = () => {}) {
  while (job.state === "waiting" || job.state === "working") {
    progress(job.done, job.total);
    await pause(500);
    job = await get(`/jobs/${job.id}`);
  }
  if (job.state === "failed") throw new RefusedError(422, job.error);
  return job.result;
}

/** Whether the server answers, without a word where it does not. */
export async function alive() {
  try {
    return (await fetch(`${API}/alive`, {cache: "no-store"})).ok;
  } catch {
    return false;
  }
}

export {newestOnly} from "./newest.js";
