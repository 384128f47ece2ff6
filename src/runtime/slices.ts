import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 5;

/** All long work shares one queue: however much there is, the event loop is blocked for one slice at a time. */
let queue: Promise<unknown> = Promise.resolve();

/** Runs a generator in time slices and yields to the event loop after each of them. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await betweenSlices();
  }
}

/** Runs a generator without a pause. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Ends a slice: yields to the event loop, and resumes when it is this work's turn. */
export async function betweenSlices(): Promise<void> {
  const turn = queue.then(() => nextTurn());
  queue = turn;
  await turn;
}
