// Work that follows a slider.

/**
 * A function that sends the newest value and never falls behind: one request is under way at a time, a value that comes
 * meanwhile waits, and a newer one takes its place. The last value always arrives.
 */
export function newestOnly(work, show, fail) {
  let waiting = null, working = false;
  return async (value) => {
    waiting = {value};
    if (working) return;
    working = true;
    while (waiting) {
      const {value: current} = waiting;
      waiting = null;
      try {
        const result = await work(current);
        await show(result, current, waiting === null);
      } catch (error) {
        if (error.status !== 409) fail(error);
      }
    }
    working = false;
  };
}
