import { Get, Param } from '@nestjs/common';
import { isoTime } from '../../../administration/documents/meta.js';
import { IssuerKeys } from '../../../clients/federation/issuer-keys.js';
import type { TrustedIssuer } from '../../../clients/federation/trusted-issuer.js';
import { TrustedIssuersRepository } from '../../../clients/federation/trusted-issuers.repository.js';
import type { KeySetState } from '../../../clients/private-key-jwt/keys/key-set-state.js';
import { algsOf, type PublicKey } from '../../../clients/private-key-jwt/keys/public-key.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { type Answer, ok } from '../answer/answer.js';

/** `/TrustedIssuer/:id/$keys`: the keys by which this process verifies assertions of the issuer. */
@AdminController('TrustedIssuer')
export class IssuerKeysController {
  constructor(
    private readonly issuers: TrustedIssuersRepository,
    private readonly keys: IssuerKeys,
  ) {}

  @Get(':id/$keys')
  @RequiresPermission('read')
  async show(@Param('id') id: string): Promise<Answer> {
    const issuer = isId(id) ? await this.issuers.find(id) : null;
    if (!issuer) throw notFound('TrustedIssuer', id);
    return ok(stateView(issuer, await this.keys.look(issuer)));
  }
}

function stateView(issuer: TrustedIssuer, state: KeySetState): object {
  const { keys, fetched, failure } = state;
  return {
    source: sourceOf(issuer),
    state: nameOf(issuer, state),
    ...(fetched ? { fetched_at: isoTime(fetched.at), usable_until: isoTime(fetched.usableUntil) } : {}),
    ...(failure ? { failed_at: isoTime(failure.at), failure: failure.reason } : {}),
    keys: keys.map((key) => keyView(key, issuer)),
  };
}

function sourceOf({ jwks, jwksUri }: TrustedIssuer): string {
  if (jwks !== null) return 'jwks';
  return jwksUri === null ? 'discovery' : 'jwks_uri';
}

function nameOf({ jwks }: TrustedIssuer, { fetched, failure }: KeySetState): string {
  if (jwks !== null) return 'registered';
  if (!fetched) return 'unavailable';
  return failure ? 'stale' : 'current';
}

const keyView = (key: PublicKey, { algs }: TrustedIssuer) => ({
  ...(key.kid === undefined ? {} : { kid: key.kid }),
  kty: key.kty,
  ...(key.crv === undefined ? {} : { crv: key.crv }),
  algs: algsOf(key).filter((alg) => algs?.includes(alg) ?? true),
});
