import { expect } from 'vitest';
import { Connection } from '../fuzz/connection.js';

const ATTEMPTS = 3;

/** What is sent for one cause, at its nth try: the head lines of the request and its body. */
export type Refused = (n: number) => { head: readonly string[]; body: string };

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** As many tries of each cause, in random order, one after another on one connection. */
export async function timesOf(
  port: number,
  causes: Readonly<Record<string, Refused>>,
  tries: number,
): Promise<Map<string, number[]>> {
  const names = Object.keys(causes);
  const times = new Map(names.map((name): [string, number[]] => [name, []]));
  const order = Array.from({ length: tries }, () => names.toSorted(() => Math.random() - 0.5)).flat();
  const connection = new Connection(port);
  for (const [n, name] of order.entries()) {
    const { head, body } = (causes[name] as Refused)(n);
    const lines = [...head, `Content-Length: ${Buffer.byteLength(body)}`];
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
    const start = performance.now();
    const { status } = await connection.ask(bytes);
    times.get(name)?.push(performance.now() - start);
    expect(status, name).toBe(401);
  }
  connection.close();
  return times;
}

/** How far the medians of random halves of one cause lie from each other: what means nothing. */
function noiseOf(times: Map<string, number[]>): number {
  const gaps = [...times.values()].flatMap((values) =>
    Array.from({ length: 40 }, () => {
      const shuffled = values.toSorted(() => Math.random() - 0.5);
      const middle = Math.floor(shuffled.length / 2);
      return Math.abs(median(shuffled.slice(0, middle)) - median(shuffled.slice(middle)));
    }),
  );
  return Math.max(...gaps);
}

/** The medians' spread and the noise; measured anew while one measurement says that they differ. */
export async function measure(port: number, causes: Readonly<Record<string, Refused>>, tries: number) {
  let reported = { spread: Number.POSITIVE_INFINITY, noise: 0, medians: {} as Record<string, number> };
  for (let attempt = 0; attempt < ATTEMPTS && reported.spread > reported.noise; attempt++) {
    const times = await timesOf(port, causes, tries);
    const medians = Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
    const spread = Math.max(...Object.values(medians)) - Math.min(...Object.values(medians));
    reported = { spread, noise: noiseOf(times), medians };
  }
  return reported;
}
