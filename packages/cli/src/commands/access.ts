import password from '@inquirer/password';
import type { Command } from 'commander';
import { Connection, type JsonObject } from '../connection.js';
import { Failure } from '../failure.js';
import { print, readInput, say } from '../output.js';
import { credentialsOf, removeProfile, saveProfile } from '../profiles.js';
import { globals, isJson, serverOf } from './context.js';

/** `login`, `logout`, `whoami`, `explain`, `who-can` and `doctor`. */
export function addAccess(program: Command): void {
  program
    .command('login')
    .description('remember the credentials of a client in a file that only you can read')
    .requiredOption('--url <url>', 'the address of the server')
    .requiredOption('--client-id <id>')
    .action(async ({ url, clientId }: { url: string; clientId: string }, command: Command) => {
      const clientSecret = process.stdin.isTTY
        ? await password({ message: `Secret of ${clientId}` })
        : await readInput();
      const credentials = { url, clientId, clientSecret };
      const { status } = await new Connection(credentials).attempt('GET', `/Client/${clientId}`);
      if (status === 401)
        throw new Failure(
          `${url} rejects the secret of ${clientId}, or the client lacks the grant type basic`,
        );
      say(`Saved to ${saveProfile(globals(command).profile, credentials)}.`);
    });
  program
    .command('logout')
    .description('forget the credentials of the profile')
    .action((_options: object, command: Command) => {
      removeProfile(globals(command).profile);
      say('Forgotten.');
    });
  program
    .command('whoami')
    .description('show the server and the client that commands use')
    .action((_options: object, command: Command) => {
      const { url, clientId } = credentialsOf(globals(command).profile);
      print(
        { url, ...(clientId === undefined ? { credentials: 'access token' } : { client_id: clientId }) },
        isJson(command),
      );
    });
  addQuestions(program);
}

interface QuestionOptions {
  scope: string;
  audience?: string;
}

function addQuestions(program: Command): void {
  const ask = async (path: string, body: JsonObject, command: Command) =>
    print((await serverOf(command).send('POST', path, body)).body, isJson(command));
  program
    .command('explain')
    .description('explain why a client is granted an item, or is not')
    .argument('<client>', 'its id')
    .requiredOption('--scope <scope>')
    .option('--audience <audience>')
    .action((id: string, { scope, audience }: QuestionOptions, command: Command) =>
      ask(
        '/AccessPolicy/$explain',
        { client: { resourceType: 'Client', id }, scope, ...present(audience) },
        command,
      ),
    );
  program
    .command('who-can')
    .description('list the clients that are granted every item')
    .requiredOption('--scope <scope>')
    .option('--audience <audience>')
    .action(({ scope, audience }: QuestionOptions, command: Command) =>
      ask('/AccessPolicy/$who-can', { scope, ...present(audience) }, command),
    );
}

const present = (audience: string | undefined) => (audience === undefined ? {} : { audience });
