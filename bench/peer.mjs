import { randomBytes } from 'node:crypto';
import { basic } from './latchkey.mjs';
import { freePort, ServerProcess } from './server-process.mjs';

const FORM = 'application/x-www-form-urlencoded';
/** The peer keeps a thousand tokens in memory, so fewer than that are introspected. */
const REMEMBERED = 200;

/** oidc-provider in a separate process, in memory. */
export class Peer {
  name = 'oidc-provider';
  secret = randomBytes(24).toString('base64url');

  async start() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.process = new ServerProcess(this.name, ['bench/peer-server.mjs', String(port), this.secret], {});
    await this.process.untilAnswers(`${this.url}/.well-known/openid-configuration`);
  }

  get cpuSeconds() {
    return this.process.cpuSeconds;
  }

  get residentBytes() {
    return this.process.residentBytes;
  }

  tokenRequest(kind) {
    const body = 'grant_type=client_credentials&scope=read%20write%20admin%20list';
    return { url: `${this.url}/token`, type: FORM, authorization: basic(kind, this.secret), body };
  }

  introspectionRequest() {
    return {
      url: `${this.url}/token/introspection`,
      type: FORM,
      authorization: basic('opaque', this.secret),
    };
  }

  revocationRequest() {
    return { url: `${this.url}/token/revocation`, type: FORM, authorization: basic('opaque', this.secret) };
  }

  /** Opaque tokens only: the peer stores no JWTs, so it cannot introspect them. */
  async makeTokens() {
    const { url, type, authorization, body } = this.tokenRequest('opaque');
    const headers = { 'content-type': type, authorization };
    const tokens = [];
    while (tokens.length < REMEMBERED) {
      const answer = await fetch(url, { method: 'POST', headers, body });
      tokens.push((await answer.json()).access_token);
    }
    return tokens;
  }

  async remove() {
    await this.process?.stop();
  }
}
