import './node-version.mjs';
import { prepare } from './prepare.mjs';

// 1 says that the chain is broken.
await prepare(2);
await import('../dist/server/audit-check.js');
