import { RouteConfig } from '@nestjs/platform-fastify';

/** Of what names or closes something: operations, sessions, and deletions, which take none. */
export const MAX_SMALL_BODY_BYTES = 16 * 1024;

/** What a route of the administration API takes besides its body. */
export interface RouteInput {
  /** Its query parameters; `search` when the search reads them itself. None unless named here. */
  query?: readonly string[] | 'search';
  /** Whether it honours If-Match and If-None-Match. */
  preconditions?: boolean;
  /** The largest body, where it is not that of a document. */
  maxBodyBytes?: number;
}

/** Declares the input of a route. What is not declared is refused, so that no parameter is ever ignored. */
export const Takes = (input: RouteInput): MethodDecorator => RouteConfig({ input });

export const inputOf = (config: object | undefined): RouteInput =>
  (config as { input?: RouteInput } | undefined)?.input ?? {};
