import type { Command } from 'commander';
import { type Difference, differenceAsText } from '../difference.js';
import { print, readInput, say } from '../output.js';
import { groupOf, isJson, serverOf } from './context.js';
import { documentOf, textOf } from './documents.js';

interface DifferenceOptions {
  file?: string;
  days: string;
  since?: string;
}

/** `policy difference`. */
export function addDifference(program: Command): void {
  groupOf(program, 'policy')
    .command('difference')
    .description(
      'what writing a policy or a Bundle would take from clients, and which requests it would refuse',
    )
    .option('-f, --file <path>', 'YAML or JSON; else standard input')
    .option('--days <days>', 'replay the token requests of the last days; 0: none', '1')
    .option('--since <time>', 'in place of --days, such as 2026-11-30T00:00:00Z')
    .action(async ({ file, days, since }: DifferenceOptions, command: Command) => {
      const document = documentOf(file === undefined ? await readInput() : textOf(file));
      const query = new URLSearchParams(since === undefined ? { days } : { since });
      const { body } = await serverOf(command).send('POST', `/AccessPolicy/$difference?${query}`, document);
      if (isJson(command)) print(body, true);
      else say(differenceAsText(body as unknown as Difference));
    });
}
