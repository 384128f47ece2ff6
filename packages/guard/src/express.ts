import type { Auth } from './auth.js';
import type { HttpRequest } from './bearer-token.js';
import type { Guard } from './guard.js';
import { type Requirement, readRequirements } from './required-scope.js';

declare global {
  namespace Express {
    interface Request {
      /** The verified token, once a guard has accepted the request. */
      auth?: Auth;
    }
  }
}

/** The response of Node, so that the middleware works in every framework with Express-style middleware. */
export interface HttpResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

export type Middleware<Request> = (
  request: Request,
  response: HttpResponse,
  next: (error?: unknown) => void,
) => void;

export interface ExpressGuard {
  /** Requires a token with all of these items. */
  requireScope(...required: string[]): Middleware<HttpRequest>;
  requireScope<Request extends HttpRequest>(...required: Requirement<Request>[]): Middleware<Request>;
  /** Requires a valid token, with any scope. */
  requireToken(): Middleware<HttpRequest>;
}

export function expressGuard(guard: Guard): ExpressGuard {
  const middleware =
    <Request extends HttpRequest>(itemsFor: (request: Request) => string[]): Middleware<Request> =>
    (request, response, next) => {
      admit(request, itemsFor, response).then((admitted) => {
        if (admitted) next();
      }, next);
    };

  async function admit<Request extends HttpRequest>(
    request: Request & { auth?: Auth },
    itemsFor: (request: Request) => string[],
    response: HttpResponse,
  ): Promise<boolean> {
    const { auth, refused } = await guard.check(request, itemsFor(request));
    if (auth) {
      request.auth = auth;
      return true;
    }
    response.statusCode = refused.status;
    for (const [name, value] of Object.entries(refused.headers)) response.setHeader(name, value);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(refused.body));
    return false;
  }

  return {
    requireScope: <Request extends HttpRequest>(...required: Requirement<Request>[]) =>
      middleware(readRequirements(required)),
    requireToken: () => middleware(() => []),
  };
}
