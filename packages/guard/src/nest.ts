import { type Asked, readAsked } from './asked-scope.js';
import type { Auth } from './auth.js';
import type { HttpRequest } from './bearer-token.js';
import type { Guard } from './guard.js';

/** What the guard uses of Nest's ExecutionContext, whichever platform is under it. */
export interface HttpContext {
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
}

/** Nest's HttpException: its own filter knows an answer only by this class. */
export type HttpExceptionClass = new (body: Record<string, string>, status: number) => Error;

/** For `@UseGuards(…)` or `app.useGlobalGuards(…)`. */
export interface RouteGuard {
  canActivate(context: HttpContext): Promise<boolean>;
}

export interface NestGuard {
  /** Lets a request in whose token holds all of these items. */
  requireScope(...asked: string[]): RouteGuard;
  requireScope<Request extends HttpRequest>(...asked: Asked<Request>[]): RouteGuard;
  /** Lets a request in that has a valid token, whatever its scope. */
  requireToken(): RouteGuard;
}

/** Takes HttpException from the API's own `@nestjs/common`, so that this package needs no Nest and there is never a second one. */
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
    requireScope: <Request extends HttpRequest>(...asked: Asked<Request>[]) => routeGuard(readAsked(asked)),
    requireToken: () => routeGuard(() => []),
  };
}
