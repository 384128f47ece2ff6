import { describe, expect, it } from 'vitest';
import { Preconditions } from './preconditions.js';

describe('If-Match and If-None-Match', () => {
  it.each([
    [{ 'if-match': '"3"' }, 3],
    [{ 'if-match': 'W/"3"' }, 3],
    [{ 'if-match': '"1", W/"2" ,"3"' }, 3],
    [{ 'if-match': '*' }, 3],
    [{ 'if-none-match': '*' }, null],
    [{ 'if-none-match': '"2"' }, 3],
    [{}, null],
  ])('accept %j at version %j', (headers, version) =>
    expect(() => new Preconditions(headers).assertHold(version)).not.toThrow(),
  );

  it.each([
    [{ 'if-match': '"2"' }, 3],
    [{ 'if-match': '3' }, 3],
    [{ 'if-match': '' }, 3],
    [{ 'if-match': '*' }, null],
    [{ 'if-match': '"3"' }, null],
    [{ 'if-none-match': '*' }, 3],
    [{ 'if-none-match': 'W/"3"' }, 3],
  ])('reject %j at version %j', (headers, version) =>
    expect(() => new Preconditions(headers).assertHold(version)).toThrow(
      expect.objectContaining({ status: 412 }),
    ),
  );
});
