import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addAccess } from './commands/access.js';
import { addClientOperations } from './commands/client-operations.js';
import { addCompletion } from './commands/completion.js';
import { addConfiguration } from './commands/configuration.js';
import { addDifference } from './commands/difference.js';
import { addDoctor } from './commands/doctor.js';
import { addDocuments } from './commands/documents.js';
import { addImport } from './commands/import.js';
import { addTokens } from './commands/tokens.js';
import { Failure } from './failure.js';

/** Beside the build folder. */
const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

const program = new Command('latchkey')
  .description('The command line of Latchkey')
  .version(version)
  .option('--json', 'print JSON')
  .option('--profile <name>', 'the credentials that login saved under this name', 'default')
  .showHelpAfterError('(--help shows the options)')
  .addHelpText(
    'after',
    `
Credentials come from LATCHKEY_URL, LATCHKEY_CLIENT_ID and LATCHKEY_CLIENT_SECRET (or LATCHKEY_CLIENT_SECRET_FILE),
or LATCHKEY_TOKEN, or else from \`latchkey login\`; never from arguments.`,
  );

addConfiguration(program);
addImport(program);
addDocuments(program);
addClientOperations(program);
addDifference(program);
addTokens(program);
addAccess(program);
addDoctor(program);
addCompletion(program);

// `latchkey … | head` ends early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
