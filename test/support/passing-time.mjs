// Loaded into a server under test before anything else: its monotonic clock is ahead by an offset from a file.
import { readFileSync } from 'node:fs';

const file = process.env.TEST_PASSED_TIME_FILE;
const now = performance.now.bind(performance);
performance.now = () => now() + Number(readFileSync(file, 'utf8'));
