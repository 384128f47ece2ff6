import { unreadable } from '../../../protocol/problem.js';

export type QueryParameter = readonly [name: string, value: string];

/** The parameters of a URL in order, including repeated ones; strict, unlike the framework's parser. */
export function readQuery(url: string): QueryParameter[] {
  const start = url.indexOf('?');
  if (start < 0) return [];
  return url
    .slice(start + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair, position) => {
      const equals = pair.indexOf('=');
      const name = decode(equals < 0 ? pair : pair.slice(0, equals), `parameter ${position + 1}`);
      return [name, equals < 0 ? '' : decode(pair.slice(equals + 1), name)];
    });
}

export function writeQuery(path: string, parameters: readonly QueryParameter[]): string {
  const query = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return query === '' ? path : `${path}?${query}`;
}

function decode(text: string, path: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw unreadable('the query is not percent-encoded UTF-8', [
      { path, message: 'is not percent-encoded UTF-8' },
    ]);
  }
}
