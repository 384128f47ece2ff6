import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';

const MAX_ANSWERS = 1_000;

/** Active introspection answers for a short while, by the digest of the token: a memory dump shows no tokens. */
export class AnswerCache {
  private readonly answers = new Map<string, { claims: JWTPayload; until: number }>();

  constructor(private readonly cacheSeconds: number) {}

  find(token: string): JWTPayload | undefined {
    if (this.cacheSeconds === 0) return undefined;
    const answer = this.answers.get(digest(token));
    return answer && Date.now() < answer.until ? answer.claims : undefined;
  }

  keep(token: string, claims: JWTPayload): void {
    if (this.cacheSeconds === 0) return;
    const key = digest(token);
    // A map keeps the order of insertion: the first is the one that was asked about longest ago.
    this.answers.delete(key);
    this.answers.set(key, { claims, until: Date.now() + this.cacheSeconds * 1000 });
    if (this.answers.size > MAX_ANSWERS) this.answers.delete(this.answers.keys().next().value as string);
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');
