import { type Asked, readAsked } from './asked-scope.js';
import type { Auth } from './auth.js';
import type { HttpRequest } from './bearer-token.js';
import type { Guard } from './guard.js';

declare global {
  namespace Express {
    interface Request {
      /** Who asks, once a guard has let the request in. */
      auth?: Auth;
    }
  }
}

/** What the middleware writes to: Node's own response, so that it serves every framework in Express's manner. */
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
  /** Lets a request in whose token holds all of these items. */
  requireScope(...asked: string[]): Middleware<HttpRequest>;
  requireScope<Request extends HttpRequest>(...asked: Asked<Request>[]): Middleware<Request>;
  /** Lets a request in that has a valid token, whatever its scope. */
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
    requireScope: <Request extends HttpRequest>(...asked: Asked<Request>[]) => middleware(readAsked(asked)),
    requireToken: () => middleware(() => []),
  };
}
