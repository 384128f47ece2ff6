/** express-jwt 6 brought no types; only what the interceptor of the Approw page uses. */
declare module 'express-jwt-6' {
  import type { RequestHandler } from 'express';

  export default function jwt(options: {
    secret: unknown;
    audience: string;
    issuer: string;
    algorithms: string[];
  }): RequestHandler;
}
