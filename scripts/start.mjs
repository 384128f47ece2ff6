import './node-version.mjs';
import { prepare } from './prepare.mjs';

await prepare(1);
await import('../dist/server/main.js');
