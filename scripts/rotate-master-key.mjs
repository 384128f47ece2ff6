import './node-version.mjs';
import { runBuilt } from './built.mjs';

await runBuilt('rotate-master-key', 1);
