import './node-version.mjs';
import { runBuilt } from './built.mjs';

// Exit code 1 means that the chain is broken.
await runBuilt('audit-check', 2);
