import { Controller, Get, NotFoundException, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { namesTag } from '../../administration/configuration/entity-tag.js';
import { Settings } from '../../config/settings.js';
import { CODING_NAMES, type ConsoleFile, ConsoleFiles } from './console-files.js';

/** Nothing inline, from elsewhere, or inside another page; the console talks to this server only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** Their names contain a digest of their content. */
const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable' };

const ASSETS = 'assets/';

/** The administrator's pages: static files, which use the API like any other program. */
@Controller()
export class ConsoleController {
  private readonly enabled: boolean;

  constructor(
    private readonly files: ConsoleFiles,
    { console: enabled }: Settings,
  ) {
    this.enabled = enabled;
  }

  @Get('console')
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.page(request, reply);
  }

  @Get('console/*')
  async file(
    @Param('*') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!name.startsWith(ASSETS)) return this.page(request, reply);
    send(request, reply, this.enabled ? await this.files.named(name) : undefined, ASSET_HEADERS);
  }

  /** One document for every address of a page: the console itself reads which one is shown. */
  private async page(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    send(request, reply, this.enabled ? await this.files.page() : undefined, PAGE_HEADERS);
  }
}

function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  file: ConsoleFile | undefined,
  fields: Readonly<Record<string, string>>,
): void {
  if (file === undefined) throw new NotFoundException();
  const { etag, type, plain, coded } = file;
  reply.headers({ ...fields, etag, vary: 'accept-encoding' });
  const known = headers['if-none-match'];
  // RFC 9110 13.1.2
  if (known !== undefined && namesTag(known, etag)) return void reply.code(304).send();
  const accepted = new Negotiator({ headers }).encodings(CODING_NAMES);
  const coding = CODING_NAMES.find((name) => accepted.includes(name) && coded.has(name));
  const body = coding === undefined ? plain : coded.get(coding);
  if (coding !== undefined) reply.header('content-encoding', coding);
  reply.header('content-type', type).send(body);
}
