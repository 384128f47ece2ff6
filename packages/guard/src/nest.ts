import type { Auth } from './auth.js';
import type { HttpRequest } from './bearer-token.js';
import type { Guard } from './guard.js';
import { type Requirement, readRequirements } from './required-scope.js';

/** The part of Nest's ExecutionContext that the guard uses, on any platform. */
export interface HttpContext {
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
}

/** Nest's HttpException, by which its exception filter recognises a response. */
export type HttpExceptionClass = new (body: Record<string, string>, status: number) => Error;

/** For `@UseGuards(…)` or `app.useGlobalGuards(…)`. */
export interface RouteGuard {
  canActivate(context: HttpContext): Promise<boolean>;
}

export interface NestGuard {
  /** Requires a token with all of these items. */
  requireScope(...required: string[]): RouteGuard;
  requireScope<Request extends HttpRequest>(...required: Requirement<Request>[]): RouteGuard;
  /** Requires a valid token, with any scope. */
  requireToken(): RouteGuard;
}

/** Takes HttpException from the API's own `@nestjs/common`, so that this package does not depend on Nest. */
export function nestGuard(guard: Guard, HttpException: HttpExceptionClass): NestGuard {
  const routeGuard = <Request extends HttpRequest>(itemsFor: (request: Request) => string[]): RouteGuard => ({
    async canActivate(context) {
      const http = context.switchToHttp();
      const request = http.getRequest() as Request & { auth?: Auth };
      const { auth, refused } = await guard.check(request, itemsFor(request));
      if (auth) {
        request.auth = auth;
        return true;
      }
      const response = http.getResponse() as { header(name: string, value: string): unknown };
      for (const [name, value] of Object.entries(refused.headers)) response.header(name, value);
      throw new HttpException(refused.body, refused.status);
    },
  });
  return {
    requireScope: <Request extends HttpRequest>(...required: Requirement<Request>[]) =>
      routeGuard(readRequirements(required)),
    requireToken: () => routeGuard(() => []),
  };
}
