import { RouteConfig } from '@nestjs/platform-fastify';

/** For short bodies, which name or close something: operations, sessions, and deletions, which accept none. */
export const MAX_SMALL_BODY_BYTES = 16 * 1024;

/** Some two thousand documents of the usual size. */
export const MAX_BUNDLE_BODY_BYTES = 1024 * 1024;

/** The query parameter that makes a deletion or a Bundle a dry run. */
export const DRY_RUN = '_dryRun';

/** What a route of the administration API accepts besides its body. */
export interface RouteInput {
  /** Its query parameters; `search` if the search parses them itself. By default none. */
  query?: readonly string[] | 'search';
  /** Whether it supports If-Match and If-None-Match. */
  preconditions?: boolean;
  /** The maximum body size, if it differs from that of a document. */
  maxBodyBytes?: number;
}

/** Declares the input of a route. Undeclared input is rejected, so that no parameter is silently ignored. */
export const Takes = (input: RouteInput): MethodDecorator => RouteConfig({ input });

export const inputOf = (config: object | undefined): RouteInput =>
  (config as { input?: RouteInput } | undefined)?.input ?? {};
