import { execFileSync } from 'node:child_process';
import { type Answer, request } from '../support/http.js';

/**
 * Prints the arguments of each command instead of running it, also within `$(…)`; an empty one ends a command. What `jq`
 * would take out of an answer is printed as a token that is not known yet.
 */
const RECORDER = `exec 3>&1
curl() { for argument in "$@"; do printf '%s\\0' "$argument"; done >&3; printf '\\0' >&3; }
jq() { printf 'lka_…'; }
`;

/** The curl commands of a script, as a shell reads them; any other command is not found, so that nothing is run. */
export function curlsOf(script: string): string[][] {
  const printed = execFileSync('/bin/sh', ['-eu', '-c', RECORDER + script], {
    encoding: 'utf8',
    env: { PATH: '/nowhere' },
  });
  return printed
    .split('\0\0')
    .filter((command) => command !== '')
    .map((command) => command.split('\0'));
}

const VALUED = new Set(['-u', '-X', '-H', '-d', '--data-binary']);

/** Sends what curl would send for these arguments; refuses any that it does not know. */
export function curl(args: readonly string[]): Promise<Answer> {
  const headers: Record<string, string> = {};
  let method: string | undefined;
  let body: string | undefined;
  let url = '';
  for (let at = 0; at < args.length; at++) {
    const option = args[at] as string;
    const value = VALUED.has(option) ? (args[++at] as string) : option;
    if (option === '-u') headers.authorization = `Basic ${Buffer.from(value).toString('base64')}`;
    else if (option === '-X') method = value;
    else if (option === '-H') headers[value.split(':', 1)[0]!.toLowerCase()] = value.replace(/^[^:]*: */, '');
    else if (VALUED.has(option)) body = body === undefined ? value : `${body}&${value}`;
    else if (option.startsWith('http')) url = option;
    else if (!['-i', '-s'].includes(option)) throw new Error(`curl ${option} is not known here`);
  }
  if (body === undefined) return request(url, { method: method ?? 'GET', headers });
  headers['content-type'] ??= 'application/x-www-form-urlencoded';
  return request(url, { method: method ?? 'POST', headers, body });
}
