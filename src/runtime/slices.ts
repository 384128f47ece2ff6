import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 5;

/** All long work shares one queue: however much of it there is, the event loop waits for one slice at a time. */
let queue: Promise<unknown> = Promise.resolve();

/** Carries out work that yields after each of its steps, and lets everything else go on after each slice of it. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    queue = queue.then(() => nextTurn());
    await queue;
  }
}
