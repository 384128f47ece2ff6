import { Injectable } from '@nestjs/common';
import type { TrustedIssuer } from '../../clients/federation/trusted-issuer.js';
import { TrustedIssuersRepository } from '../../clients/federation/trusted-issuers.repository.js';
import { issuerNames } from '../../config/issuer-settings.js';
import { Settings } from '../../config/settings.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { conflict } from '../../protocol/problem.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { Writer } from '../access/writer.js';
import { ConfigurationType, type Write } from '../configuration/configuration-type.js';
import { NOTHING_ELSE, type Removal } from '../configuration/removal.js';
import { MembersReading } from '../documents/members.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { disagreements } from '../documents/written.dto.js';
import { IssuerEscalation } from '../escalation/issuer-escalation.js';
import { AdmissionFaults } from './admission-faults.js';
import { IssuerMembers } from './issuer.dto.js';
import { type IssuerBounds, issuerFaults } from './issuer.faults.js';
import { issuerOf, issuerView } from './issuer.wire.js';
import { IssuerUse } from './issuer-use.js';

/** Trusted issuers in the administration API. */
@Injectable()
export class IssuerType extends ConfigurationType<TrustedIssuer> {
  readonly name = 'TrustedIssuer';
  readonly members = IssuerMembers;
  /** Issuers that authenticate clients are cached with them. */
  readonly kinds = ['clients'] as const;
  readonly kindsOfRemoval = ['clients'] as const;
  private readonly bounds: IssuerBounds;

  constructor(
    private readonly issuers: TrustedIssuersRepository,
    private readonly use: IssuerUse,
    private readonly admissions: AdmissionFaults,
    private readonly escalation: IssuerEscalation,
    private readonly revision: ConfigurationRevision,
    settings: Settings,
  ) {
    super();
    this.bounds = { allowPrivate: settings.allowPrivateJwksUri, own: issuerNames(settings) };
  }

  find(id: string): Promise<TrustedIssuer | null> {
    return this.issuers.find(id);
  }

  findMany(ids: readonly string[]): Promise<TrustedIssuer[]> {
    return this.issuers.findMany(ids);
  }

  view(issuer: TrustedIssuer): JsonObject {
    return issuerView(issuer);
  }

  async prepare(): Promise<undefined> {
    return undefined;
  }

  async save(write: Write<TrustedIssuer, undefined>): Promise<TrustedIssuer> {
    const { id, current, body } = write;
    // Checked by issuerFaults alone: text with line breaks is rejected everywhere else.
    const { ca, ...members } = body;
    const reading = new MembersReading(IssuerMembers, members);
    reading.add(disagreements(body, this.name, id));
    reading.add(issuerFaults(body, this.bounds));
    reading.add(await this.admissions.of({ ...body, id }));
    const issuer = issuerOf({ ...reading.take(), ca }, id, current, nowMilliseconds());
    if (this.isStored(issuer, current, write)) return current;
    await this.assertOnlyOne(issuer);
    await this.assertTemplates(write, issuer);
    if (current) {
      await this.assertReplaceable(write, current, issuer);
      await this.issuers.replace(issuer);
    } else await this.issuers.add(issuer);
    return issuer;
  }

  /** Its workloads act as the template clients, before and after the write. */
  private async assertTemplates(
    write: Write<TrustedIssuer, undefined>,
    issuer: TrustedIssuer,
  ): Promise<void> {
    const { writer, current } = write;
    if (current && !this.isJudgedWhole(write) && trustOf(current) === trustOf(issuer)) return;
    const admissions = [...(current?.admits ?? []), ...(issuer.admits ?? [])];
    await this.escalation.assertTemplates(writer, [...new Set(admissions.map(({ template }) => template))]);
  }

  private async assertReplaceable(
    write: Write<TrustedIssuer, undefined>,
    current: TrustedIssuer,
    issuer: TrustedIssuer,
  ): Promise<void> {
    const isWhole = this.isJudgedWhole(write);
    if (isWhole || trustOf(current) !== trustOf(issuer)) {
      await this.escalation.assertIssuerChange(write.writer, issuer.id);
    }
    // The rules were written for the tokens of that issuer.
    if (isWhole || current.issuer !== issuer.issuer)
      await this.use.assertUnused(issuer.id, 'issuer cannot change');
    await this.use.assertPinned(issuer);
  }

  /** Otherwise it would not be certain whose keys verify a token. */
  private async assertOnlyOne({ id, issuer }: TrustedIssuer): Promise<void> {
    const same = await this.issuers.withIssuer(issuer);
    if (same && same.id !== id) throw conflict(`${issuer} is the issuer of TrustedIssuer/${same.id}`);
  }

  async remove(_writer: Writer, { id }: TrustedIssuer): Promise<Removal> {
    await this.use.assertUnused(id, 'it cannot be deleted');
    await this.issuers.remove(id);
    return NOTHING_ELSE;
  }

  /** When this resolves, no process accepts assertions by the former version. */
  override async settle(): Promise<void> {
    await this.revision.seenEverywhere();
  }
}

/** Everything but what is only for readers. */
const trustOf = (issuer: TrustedIssuer): string =>
  JSON.stringify(
    Object.entries(issuerView(issuer)).filter(([name]) => !['meta', 'name', 'description'].includes(name)),
  );
