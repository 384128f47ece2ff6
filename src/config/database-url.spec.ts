import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDatabaseUrl } from './database-url.js';

const read = (value?: string) => readDatabaseUrl(value, '/srv/data');

const faultOf = (value: string): string => {
  try {
    read(value);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
};

const PLAIN = {
  engine: 'mysql',
  host: 'db',
  port: 3306,
  otherHosts: [],
  socket: undefined,
  user: 'u',
  password: 'p',
  database: 'x',
  tls: undefined,
};
const POSTGRES = { engine: 'postgres', port: 5432 };
const TLS = { verify: true, caFile: undefined, certFile: undefined, keyFile: undefined, name: undefined };

describe('readDatabaseUrl', () => {
  it.each([
    [undefined, '/srv/data/latchkey.sqlite'],
    ['sqlite:/tmp/x.sqlite', '/tmp/x.sqlite'],
    ['sqlite:///tmp/x.sqlite', '/tmp/x.sqlite'],
    ['sqlite:x.sqlite', path.resolve('x.sqlite')],
    ['sqlite:./a b/x', path.resolve('a b/x')],
  ])('reads the file of %s (fault D1)', (value, file) => {
    expect(read(value)).toEqual({ engine: 'sqlite', file });
  });

  it.each<[string, object]>([
    ['mysql://u:p@db/x', {}],
    ['mariadb://u:p@db/x', {}],
    ['postgres://u:p@db/x', POSTGRES],
    ['postgresql://u:p@db/x', POSTGRES],
    ['postgres://u:p@[::1]:6432/x?tls=verify', { ...POSTGRES, host: '::1', port: 6432, tls: TLS }],
    [
      'postgres://u:p@localhost/x?socket=/run/postgresql/.s.PGSQL.5432',
      { ...POSTGRES, host: 'localhost', socket: '/run/postgresql/.s.PGSQL.5432' },
    ],
    ['mysql://u:p@db:3307/x', { port: 3307 }],
    ['mysql://u@db/x', { password: '' }],
    ['mysql://u:@db/x', { password: '' }],
    ['mysql://u:p@[::1]/x', { host: '::1' }],
    ['mysql://u:p@[2001:db8::7]:3307/x', { host: '2001:db8::7', port: 3307 }],
    [
      'mysql://u%40corp:p%2F%3A%3F%23%25+@db/my%20x',
      { user: 'u@corp', password: 'p/:?#%+', database: 'my x' },
    ],
    [
      'mysql://u:p@localhost/x?socket=/run/my%20sql/m.sock',
      { host: 'localhost', socket: '/run/my sql/m.sock' },
    ],
    ['mysql:///x?socket=/run/m.sock', { host: '', user: '', password: '', socket: '/run/m.sock' }],
    [
      'mysql://u:p@a:3307,b,[::1]:3308/x',
      {
        host: 'a',
        port: 3307,
        otherHosts: [
          { host: 'b', port: 3306 },
          { host: '::1', port: 3308 },
        ],
      },
    ],
    [
      'postgres://u:p@a,b:5433/x?tls=verify',
      { ...POSTGRES, host: 'a', otherHosts: [{ host: 'b', port: 5433 }], tls: TLS },
    ],
    ['mysql://u:p,q@db/x', { password: 'p,q' }],
    ['mysql://u:p@db/x?tls=off', {}],
    ['mysql://u:p@db/x?tls=require', { tls: { ...TLS, verify: false } }],
    ['mysql://u:p@db/x?tls=verify', { tls: TLS }],
    ['mysql://u:p@db/x?tls=verify&tls_ca=/etc/a+b.pem', { tls: { ...TLS, caFile: '/etc/a+b.pem' } }],
    ['mysql://u:p@db/x?tls_name=db.example&tls=verify', { tls: { ...TLS, name: 'db.example' } }],
    [
      'mysql://u:p@db/x?tls=require&tls_cert=c.pem&tls_key=k.pem',
      { tls: { ...TLS, verify: false, certFile: 'c.pem', keyFile: 'k.pem' } },
    ],
  ])('reads %s (fault D1)', (value, expected) => {
    expect(read(value)).toEqual({ ...PLAIN, ...expected });
  });

  it.each([
    ['ssl=true', 'ssl', 'tls=verify or tls=require'],
    ['ssl-mode=REQUIRED', 'ssl-mode', 'tls=verify or tls=require'],
    ['sslmode=verify-full', 'sslmode', 'tls=verify or tls=require'],
    ['useSSL=true', 'useSSL', 'tls=verify or tls=require'],
    ['requireSSL=true', 'requireSSL', 'tls=verify or tls=require'],
    ['rejectUnauthorized=false', 'rejectUnauthorized', 'tls=verify or tls=require'],
    ['ssl-ca=/x', 'ssl-ca', 'tls=verify&tls_ca=/path/to/ca.pem'],
    ['sslrootcert=/x', 'sslrootcert', 'tls=verify&tls_ca=/path/to/ca.pem'],
    ['unix_socket=/x', 'unix_socket', 'socket=/path/to/socket'],
  ])('rejects %s with a hint at the spelling that is read (faults D1, F9)', (pair, name, hint) => {
    expect(faultOf(`mysql://u:sesame@db/x?${pair}`)).toBe(
      `DATABASE_URL: contains the unknown parameter ${name}; use ${hint}; supported parameters are tls, tls_ca, tls_cert, tls_key, tls_name, socket`,
    );
  });

  it.each([
    ['mysql://u:p@db/x?charset=utf8', /unknown parameter charset; supported parameters are/],
    ['mysql://u:p@db/x?TLS=verify', /unknown parameter TLS; use tls=/],
    ['mysql://u:p@db/x?tls=verify&tls=off', /the parameter tls twice/],
    ['mysql://u:p@db/x?tls=', /the parameter tls has no value/],
    ['mysql://u:p@db/x?tls', /the parameter tls has no value/],
    ['mysql://u:p@db/x?tls=true', /tls must be off, require .* or verify/],
    ['mysql://u:p@db/x?tls=VERIFY', /tls must be/],
    ['mysql://u:p@db/x?tls_ca=/ca.pem', /tls_ca requires tls=verify/],
    ['mysql://u:p@db/x?tls=off&tls_cert=/c.pem', /tls_cert requires tls=verify or tls=require/],
    ['mysql://u:p@db/x?tls=require&tls_ca=/ca.pem', /tls_ca requires tls=verify/],
    ['mysql://u:p@db/x?tls=require&tls_name=other', /tls_name requires tls=verify/],
    ['mysql://u:p@db/x?tls=verify&tls_cert=/c.pem', /tls_cert and tls_key must be set together/],
    ['mysql://u:p@db/x?tls=verify&socket=/s', /tls cannot be combined with socket/],
    ['mysql://u:p@db/x?socket=s', /socket must be an absolute path/],
    ['mysql://u:p@a,,b/x', /the list of hosts has an empty entry/],
    ['mysql://u:p@a,b,/x', /the list of hosts has an empty entry/],
    ['mysql://u:p@,a/x', /the list of hosts has an empty entry/],
    ['mysql://u:p@a:0,b/x', /the port must be 1 to 65535/],
    ['mysql://u:p@a,b:65536/x', /the port must be 1 to 65535/],
    ['mysql://u:p@a,b:33o6/x', /must be sqlite:path, or mysql/],
    ['mysql://u:p@a, b/x', /must be sqlite:path, or mysql/],
    ['mysql://u:p@a;b/x', /must be sqlite:path, or mysql/],
    ['mysql://u:p@a,v:sesame@b/x', /must name user and password once/],
    ['mysql://u:se,sesame:1/x@a,b/x', /percent-encode/],
    ['mysql://u:p@a,mysql://u:sesame@b/x', /must be sqlite:path, or mysql/],
    ['mysql://u:p@a,A:3306/x', /names the same host and port more than once/],
    ['postgres://u:p@[::1],[::1]:5432/x', /names the same host and port more than once/],
    [`mysql://u:p@${Array.from({ length: 17 }, (_, at) => `h${at}`)}/x`, /must name at most 16 hosts/],
    ['mysql://u:p@a,b', /must name a database after the host/],
    ['mysql://u:p@a,b/x?socket=/run/m.sock', /socket cannot be combined with several hosts/],
    ['mysql://db', /must name a database after the host/],
    ['mysql://u:p@db', /must name a database after the host/],
    ['mysql://u:p@db/', /must name a database after the host/],
    ['mysql://u:p@db:3306/?tls=verify', /must name a database after the host/],
    ['mysql:///x', /must be sqlite:path, or mysql/],
    ['mysql://u:p@db:99999/x', /the port must be 1 to 65535/],
    ['mysql://u:p@db:0/x', /the port must be 1 to 65535/],
    ['mysql://u:p@[::1]:65536/x', /the port must be 1 to 65535/],
    ['mysql://root:99999/sesame@db', /percent-encode/],
    ['mysql://u:p@db:33o6/x', /must be sqlite:path, or mysql/],
    ['mysql://u:p@db/x/y', /must be sqlite:path, or mysql/],
    ['mysql://u:p%00@db/x', /must be sqlite:path, or mysql/],
    ['postgres://db/x', /must be sqlite:path, or mysql/],
    ['postgres://u:p@db/x?sslmode=verify-full', /unknown parameter sslmode; use tls=verify or tls=require/],
    ['postgres://u:p@db/x?sslrootcert=/ca.pem', /use tls=verify&tls_ca=/],
    ['mysql://u:se?sesame@db/x', /percent-encode/],
    ['mysql://u:se/sesame@db/x', /percent-encode/],
    ['mysql://u:se#sesame@db/x', /percent-encode/],
    ['sqlite:x?mode=ro', /does not support parameters/],
    ['sqlite://x.sqlite', /is not supported/],
    ['sqlite:', /must be followed by the path of a file/],
    ['sqlite::memory:', /must be followed by the path of a file/],
  ])('rejects %s with one line that says why (faults D1, F9)', (value, message) => {
    expect(faultOf(value)).toMatch(message);
    expect(faultOf(value)).toMatch(/^DATABASE_URL: [^\n]+$/);
    expect(faultOf(value)).not.toMatch(/sesame|se\?/);
  });

  it('reads what was percent-encoded as it was, for any user, password and database (fault D1)', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((one) => !one.includes('\0') && !/^\.\.?$/.test(one));
    fc.assert(
      fc.property(text, text, text, (user, password, database) => {
        fc.pre(!/[/@]/.test(database));
        const encode = (one: string) => encodeURIComponent(one);
        const value = `mysql://${encode(user)}:${encode(password)}@db/${encode(database)}`;
        expect(read(value)).toEqual({ ...PLAIN, user, password, database });
      }),
    );
  });
});
