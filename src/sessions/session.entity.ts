import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TokenFormat } from '../../packages/protocol/src/token-format.js';
import { wholeNumber } from '../database/columns/column-types.js';

/**
 * The record of one access token, and of its refresh token. INSERT, SELECT, the types of a session and the check of the
 * migrated schema follow from these columns; requests read and write them without TypeORM (`session-row.ts`).
 */
@Entity('session')
@Index('session_by_client_id_id', ['clientId', 'id'])
export class SessionRow {
  /** UUIDv7, so that rows are appended in the order of the primary key. */
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  /** The grant type. */
  @Column('varchar', { length: 32 })
  type!: string;

  @Column('varchar', { name: 'door', length: 16 })
  dialect!: string;

  @Column('varchar', { length: 255 })
  issuer!: string;

  @Column('varchar', { length: 80 })
  subject!: string;

  /** Separated by spaces; null: none was requested, and the policies decide at each use. */
  @Column('text', { nullable: true })
  scope!: string | null;

  /** As JSON. */
  @Column('text')
  audience!: string;

  /** Whether the request named an audience, so that an item may be the bare name of an operation. */
  @Column('boolean', { name: 'audience_asked' })
  audienceAsked!: boolean;

  @Column('varchar', { name: 'token_format', length: 16 })
  tokenFormat!: TokenFormat;

  /** The key that signed the token; null for an opaque one. */
  @Column('varchar', { length: 64, nullable: true })
  kid!: string | null;

  /** SHA-256 of the access token. */
  @Column('varchar', { name: 'token_digest', length: 64 })
  tokenDigest!: string;

  /** Epoch milliseconds, like every time. */
  @Column('bigint', { name: 'started_at', transformer: wholeNumber })
  startedAt!: number;

  @Column('bigint', { name: 'ends_at', transformer: wholeNumber })
  endsAt!: number;

  @Column('bigint', { name: 'closed_at', nullable: true, transformer: wholeNumber })
  closedAt!: number | null;

  /** The first session of the family; null without refresh tokens. */
  @Column('varchar', { name: 'family_id', length: 64, nullable: true })
  familyId!: string | null;

  /** When the whole family ends; stored with its first session. */
  @Column('bigint', { name: 'family_ends_at', nullable: true, transformer: wholeNumber })
  familyEndsAt!: number | null;

  /** When the family was closed; stored with its first session. */
  @Column('bigint', { name: 'family_closed_at', nullable: true, transformer: wholeNumber })
  familyClosedAt!: number | null;

  /** The session whose refresh token this one was exchanged for; null for the first of a family. */
  @Column('varchar', { name: 'refreshed_from', length: 64, nullable: true })
  refreshedFrom!: string | null;

  @Column('varchar', { name: 'refresh_digest', length: 64, nullable: true })
  refreshDigest!: string | null;

  @Column('bigint', { name: 'refresh_ends_at', nullable: true, transformer: wholeNumber })
  refreshEndsAt!: number | null;

  @Column('bigint', { name: 'refresh_used_at', nullable: true, transformer: wholeNumber })
  refreshUsedAt!: number | null;

  /**
   * The session generation of the client when it authenticated; in a family, that of its first session. null: from
   * before generations existed.
   */
  @Column('bigint', { nullable: true, transformer: wholeNumber })
  generation!: number | null;

  /** The identity in the assertion of a trusted issuer by which the client authenticated, as JSON; null: another way. */
  @Column('text', { nullable: true })
  federated!: string | null;

  /** Where the request came from; null: from before it was recorded. */
  @Column('varchar', { length: 64, nullable: true })
  address!: string | null;

  @Column('varchar', { name: 'user_agent', length: 255, nullable: true })
  userAgent!: string | null;
}
