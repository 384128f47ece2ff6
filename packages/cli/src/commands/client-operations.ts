import type { Command } from 'commander';
import { print } from '../output.js';
import { groupOf, isJson, pathOf, serverOf } from './context.js';

/** `client usage`, `blast-radius`, `hand-over`, `rotation` and `contain`. */
export function addClientOperations(program: Command): void {
  const group = groupOf(program, 'client');
  group
    .command('usage')
    .description(
      'tokens per day, last uses, and what the client used of its grants; without an id, all unused grants',
    )
    .argument('[id]')
    .option('--days <days>', 'how far back', '90')
    .action(async (id: string | undefined, { days }: { days: string }, command: Command) => {
      const query = `days=${encodeURIComponent(days)}`;
      const server = serverOf(command);
      const usage =
        id === undefined
          ? await server.all('Client/$unused-scopes', query)
          : (await server.send('GET', `${pathOf('Client', id)}/$usage?${query}`)).body;
      print(usage, isJson(command));
    });
  group
    .command('blast-radius')
    .description('what a leaked credential of the client puts at risk')
    .argument('<id>')
    .action(async (id: string, _options: object, command: Command) => {
      const path = `${pathOf('Client', id)}/$blast-radius`;
      print((await serverOf(command).send('GET', path)).body, isJson(command));
    });
  group
    .command('hand-over')
    .description('make a link that shows a new secret once, to the first who opens it')
    .argument('<id>')
    .option('--expires-in <seconds>', 'for how long it can be opened', '86400')
    .option('--description <text>', 'of the secret')
    .action(async (id: string, options: { expiresIn: string; description?: string }, command: Command) => {
      const { expiresIn, description } = options;
      const body = { expires_in: Number(expiresIn), ...(description === undefined ? {} : { description }) };
      const answer = await serverOf(command).send('POST', `${pathOf('Client', id)}/$hand-over`, body);
      print(answer.body, isJson(command));
    });
  group
    .command('rotation')
    .description('which secrets of the client can be ended')
    .argument('<id>')
    .option('--idle <duration>', 'for how long a secret must not have been used', '7d')
    .action(async (id: string, { idle }: { idle: string }, command: Command) => {
      const path = `${pathOf('Client', id)}/$rotation?idle=${encodeURIComponent(idle)}`;
      print((await serverOf(command).send('GET', path)).body, isJson(command));
    });
  group
    .command('contain')
    .description('disable the client, close its sessions, and show when the last verifier refuses')
    .argument('<id>')
    .option('--reason <text>', 'for the audit event')
    .action(async (id: string, { reason }: { reason?: string }, command: Command) => {
      const path = `${pathOf('Client', id)}/$contain`;
      const body = reason === undefined ? {} : { reason };
      print((await serverOf(command).send('POST', path, body)).body, isJson(command));
    });
}
