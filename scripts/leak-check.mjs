import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TAIL = 8;

function written(secret) {
  const json = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  return [secret, json, form, encodeURIComponent(secret.toWellFormed())];
}

function rememberedIn(folder, names) {
  const byTail = new Map();
  for (const name of names.filter((file) => file.startsWith('secrets-'))) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
    for (const form of new Set(lines.flatMap((line) => written(JSON.parse(line))))) {
      if (form.length < TAIL) continue;
      // Tokens share their first characters (a JWT's header) but rarely their last.
      const tail = form.slice(-TAIL);
      byTail.set(tail, (byTail.get(tail) ?? new Set()).add(form));
    }
  }
  return byTail;
}

function secretIn(line, byTail) {
  for (let end = TAIL; end <= line.length; end++) {
    for (const secret of byTail.get(line.slice(end - TAIL, end)) ?? []) {
      if (line.endsWith(secret, end)) return secret;
    }
  }
  return undefined;
}

/** Every logged line that contains a whole secret or token used by a test; the secret itself is masked. */
export function findLeaks(folder) {
  if (!folder || !existsSync(folder)) return { lines: 0, leaks: [] };
  const names = readdirSync(folder);
  const byTail = rememberedIn(folder, names);
  const leaks = [];
  let lines = 0;
  for (const name of names.filter((file) => file.endsWith('.log'))) {
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .forEach((line, index) => {
        if (line === '') return;
        lines += 1;
        const secret = secretIn(line, byTail);
        if (secret) leaks.push(`${name}:${index + 1}: ${line.replaceAll(secret, '[SECRET]').slice(0, 300)}`);
      });
  }
  return { lines, leaks };
}
