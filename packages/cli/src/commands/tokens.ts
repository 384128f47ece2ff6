import type { Command } from 'commander';
import { Failure } from '../failure.js';
import { print, readInput, say } from '../output.js';
import { isJson, serverOf } from './context.js';

interface TokenOptions {
  scope?: string;
  audience?: string;
}

/** `token`: get, decode, verify and introspect. Tokens are read from standard input. */
export function addTokens(program: Command): void {
  const token = program.command('token').description('get a token, or inspect one on standard input');
  token
    .command('get')
    .description('a token of the native dialect for the client of the credentials')
    .option('--scope <scope>')
    .option('--audience <audience>')
    .action(async ({ scope, audience }: TokenOptions, command: Command) => {
      const fields = {
        grant_type: 'client_credentials',
        ...(scope === undefined ? {} : { scope }),
        ...(audience === undefined ? {} : { audience }),
      };
      const body = await serverOf(command).form('/auth/token', fields);
      if (isJson(command)) print(body, true);
      else say(String(body.access_token));
    });
  token
    .command('decode')
    .description('show the header and claims of a JWT, without verifying it')
    .action(async (_options: object, command: Command) => print(decoded(await readInput()), isJson(command)));
  token
    .command('introspect')
    .description('ask the server about a token (RFC 7662)')
    .action(async (_options: object, command: Command) => {
      const body = await serverOf(command).form('/auth/introspect', { token: await readInput() });
      print(body, isJson(command));
      if (body.active !== true) process.exitCode = 1;
    });
  token
    .command('verify')
    .description('check whether an API should accept a token, for each item of the scope')
    .requiredOption('--scope <scope>')
    .action(async ({ scope }: { scope: string }, command: Command) => {
      const headers = { authorization: `Bearer ${await readInput()}` };
      const path = `/auth/verify?scope=${encodeURIComponent(scope)}`;
      const { status } = await serverOf(command).attempt('GET', path, undefined, headers);
      const outcome = status < 300 ? 'accepted' : status === 403 ? 'insufficient_scope' : 'invalid_token';
      print({ status, outcome }, isJson(command));
      if (status >= 300) process.exitCode = 1;
    });
}

function decoded(token: string) {
  const [header, claims, , ...rest] = token.split('.');
  try {
    if (header === undefined || claims === undefined || rest.length > 0) throw new Error();
    return { header: part(header), claims: part(claims) };
  } catch {
    throw new Failure('the token is not a JWT; an opaque one has nothing to decode: use introspect');
  }
}

const part = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
