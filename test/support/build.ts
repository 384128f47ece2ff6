import { compileIfNeeded } from '../../scripts/compile.mjs';

/** Builds what is stale before any test starts a server, also under plain `npx vitest`. */
export default compileIfNeeded;
