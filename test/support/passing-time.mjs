// Loaded into a server under test before anything else: its monotonic clock is ahead by an offset from a file.
import { readFileSync } from 'node:fs';

const file = process.env.TEST_PASSED_TIME_FILE;
const now = performance.now.bind(performance);
let ahead = 0;

/** The last offset after the test has removed the file, which may be before the server ends. */
function offset() {
  try {
    ahead = Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return ahead;
}

performance.now = () => now() + offset();
