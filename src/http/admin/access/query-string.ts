import { unreadable } from '../../../protocol/problem.js';

export type QueryParameter = readonly [name: string, value: string];

/** The parameters of a URL in order, repeated ones too; strict, where the framework's own reading guesses. */
export function readQuery(url: string): QueryParameter[] {
  const start = url.indexOf('?');
  if (start < 0) return [];
  return url
    .slice(start + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [decode(pair), '']
        : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

export function writeQuery(path: string, parameters: readonly QueryParameter[]): string {
  const query = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return query === '' ? path : `${path}?${query}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw unreadable('the query is not percent-encoded UTF-8');
  }
}
