import { describe, expect, it } from 'vitest';
import { KeyRotation } from './key-rotation.service.js';
import type { SigningKeyRow } from './signing-key.entity.js';

const key = (alg: 'RS256' | 'ES256') => ({ kid: alg, alg, signsFrom: Date.now(), retiredAt: null });

/** The schedule over two keys; what it retires, and what it asks about inside a change of the configuration. */
function scheduled(isInDoubt = false) {
  const rows = [key('RS256'), key('ES256')] as SigningKeyRow[];
  const retired: string[] = [];
  const seen = { changing: false };
  const repository = {
    all: async () => rows,
    has: async (alg: string) => rows.some((row) => row.alg === alg),
    retire: async (kid: string) => retired.push(kid),
  };
  const revision = {
    change: async (_kinds: unknown, work: () => Promise<unknown>) => {
      seen.changing = true;
      return work().finally(() => (seen.changing = false));
    },
  };
  const trail = { record: async () => undefined };
  const clock = { removalMilliseconds: () => (isInDoubt ? undefined : Date.now()) };
  const rotation = new KeyRotation(
    {} as never,
    repository as never,
    revision as never,
    trail as never,
    clock as never,
  );
  return { rotation, retired, seen };
}

describe('The schedule of signing keys', () => {
  it('ends the keys of an algorithm that nothing asks for, never those of RS256', async () => {
    const { rotation, retired } = scheduled();
    await rotation.maintain(async () => false);
    expect(retired).toEqual(['ES256']);
  });

  it('changes nothing while the clock is in doubt (fault F6)', async () => {
    const { rotation, retired } = scheduled(true);
    await rotation.maintain(async () => false);
    expect(retired).toEqual([]);
  });

  it('keeps them on request, judged while no other change can happen', async () => {
    const { rotation, retired, seen } = scheduled();
    await rotation.maintain(async () => seen.changing);
    expect(retired).toEqual([]);
  });
});
