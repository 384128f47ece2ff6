import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedTokens } from './session-seed.mjs';

const ASKED_ABOUT = 500;
/** More than any server revokes in a round, so that every revocation is a write. */
const REVOKED_EACH_SECOND = 25_000;

const inForm = (tokens) => tokens.map((token) => `token=${encodeURIComponent(token)}`);
const inHeader = (tokens) => tokens.map((token) => `Bearer ${token}`);

async function issued(server, kind, count) {
  const { url, type, authorization, body } = server.tokenRequest(kind);
  const headers = { 'content-type': type, authorization };
  const one = async () => {
    const answer = await fetch(url, { method: 'POST', headers, body });
    return (await answer.json()).access_token;
  };
  const tokens = [];
  while (tokens.length < count) tokens.push(...(await Promise.all(Array.from({ length: 20 }, one))));
  return tokens;
}

const tokens = (kind) => ({
  name: `token, ${kind}`,
  request: async (server) => server.tokenRequest(kind),
});

const introspection = (kind) => ({
  name: `introspection, ${kind}`,
  request: async (server, folder) => {
    const made = await (server.makeTokens?.() ?? issued(server, kind, ASKED_ABOUT));
    return { ...server.introspectionRequest(kind), lines: written(folder, server, inForm(made)) };
  },
});

const verification = {
  name: 'verify, opaque',
  request: async (server, folder) => {
    const made = await issued(server, 'opaque', ASKED_ABOUT);
    return { ...server.verifyRequest(), lines: written(folder, server, inHeader(made)) };
  },
};

const revocation = {
  name: 'revocation',
  eachRound: true,
  request: async (server, folder, { seconds }) => {
    const made = server.makeTokens
      ? await server.makeTokens()
      : await seedTokens(server, 'opaque', Math.ceil(seconds * REVOKED_EACH_SECOND));
    return { ...server.revocationRequest('opaque'), lines: written(folder, server, inForm(made)) };
  },
};

function written(folder, server, lines) {
  const file = join(folder, `${server.name.replaceAll(/\W/g, '-')}.txt`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** The measured points and their servers: `request` builds what the load sends. */
export const POINTS = [
  tokens('jwt-es256'),
  tokens('jwt-rs256'),
  tokens('opaque'),
  introspection('jwt-es256'),
  introspection('opaque'),
  verification,
  revocation,
];
