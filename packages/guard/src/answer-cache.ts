import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';

const MAX_ANSWERS = 1_000;

/** A short-lived cache of active introspection responses, by digest, so that a memory dump contains no tokens. */
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
    // A map keeps insertion order, so the first entry is the least recently stored.
    this.answers.delete(key);
    this.answers.set(key, { claims, until: Date.now() + this.cacheSeconds * 1000 });
    if (this.answers.size > MAX_ANSWERS) this.answers.delete(this.answers.keys().next().value as string);
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');
