// Loaded into a server under test first: adds the offset in a file to its time of day.
import { readFileSync } from 'node:fs';

const file = process.env.TEST_CLOCK_OFFSET_FILE;
const BETWEEN_READS_MS = 5;
const { Date: RealDate } = globalThis;
let offset = 0;
let readAt = Number.NEGATIVE_INFINITY;

function now() {
  if (performance.now() - readAt > BETWEEN_READS_MS) {
    readAt = performance.now();
    offset = Number(readFileSync(file, 'utf8'));
  }
  return RealDate.now() + offset;
}

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }

  static now() {
    return now();
  }
};
