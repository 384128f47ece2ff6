import './node-version.mjs';
import { compile } from './compile.mjs';

try {
  await compile();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
