import './node-version.mjs';
import { runBuilt } from './built.mjs';

// 1 says that the chain is broken.
await runBuilt('audit-check', 2);
