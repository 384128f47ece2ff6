import type { Guard } from '../../../packages/guard/src/guard.js';

/** `200` for a request with this token and these needs, or the status and error of the refusal. */
export async function judge(guard: Guard, token: string, ...items: string[]): Promise<string> {
  const { refused } = await guard.check({ headers: { authorization: `Bearer ${token}` } }, items);
  return refused ? `${refused.status} ${refused.body.error}` : '200';
}
