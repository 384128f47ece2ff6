import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  account,
  environment,
  findProgram,
  freePort,
  roomiest,
  runGroup,
  startScratch,
} from './scratch-server.mjs';

const MAX_TRIES = 3;

export const findServer = () => findProgram(['mariadbd', 'mysqld']);

async function initialise(server, folder, user, interrupted) {
  const log = openSync(join(folder, 'install.log'), 'a');
  const stdio = ['ignore', 'pipe', log];
  const version = execFileSync(server, ['--no-defaults', '--version'], { encoding: 'utf8', stdio });
  const mariadb = /mariadb/i.test(version);
  const program = mariadb ? findProgram(['mariadb-install-db', 'mysql_install_db']) : server;
  if (!program) throw new Error('mariadb-install-db was not found beside the server.');
  const how = mariadb
    ? ['--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-use-native-aio=0']
    : ['--initialize-insecure', '--character-set-server=utf8mb4', '--collation-server=utf8mb4_bin'];
  const args = ['--no-defaults', ...user, `--datadir=${join(folder, 'db')}`, ...how];
  const options = { stdio: ['ignore', log, log], env: environment(folder) };
  // Beside many other servers the kernel may lack locked memory for asynchronous files; they end, and it has some again.
  let code = 1;
  for (let tries = 0; code !== 0 && tries < MAX_TRIES; tries++) {
    rmSync(join(folder, 'db'), { recursive: true, force: true });
    code = await runGroup(program, args, options, interrupted);
    interrupted.throwIfAborted();
  }
  if (code !== 0) throw new Error(`The database could not be initialised (${code}).`);
}

function spawnServer(server, folder, user, port, more) {
  const log = openSync(join(folder, 'server.log'), 'a');
  const args = [
    ...[
      '--no-defaults',
      ...user,
      `--datadir=${join(folder, 'db')}`,
      `--init-file=${join(folder, 'init.sql')}`,
    ],
    ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve', '--loose-mysqlx=OFF'],
    ...[`--socket=${join(folder, 's.sock')}`, `--pid-file=${join(folder, 'server.pid')}`],
    ...['--character-set-server=utf8mb4', '--collation-server=utf8mb4_bin', '--max-connections=500'],
    ...['--innodb-flush-log-at-trx-commit=1', '--innodb-buffer-pool-size=128M'],
    ...more,
  ];
  // Detached: Ctrl-C in a terminal signals its whole group and would stop the server before the tests.
  return spawn(server, args, { stdio: ['ignore', log, log], env: environment(folder), detached: true });
}

export async function ping(url) {
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection({ uri: url, connectTimeout: 5_000 });
  await connection.query('SELECT 1');
  await connection.end();
}

/** A scratch server on a directory in `parent`, with `more` arguments; `stop` ends it and deletes the directory. */
export function startServer(server, interrupted, parent = roomiest(), more = []) {
  return startScratch('mysql', parent, interrupted, async (folder) => {
    const runAs = account('mysql');
    const user = runAs ? [`--user=${runAs}`] : [];
    const password = randomBytes(12).toString('hex');
    const name = `'latchkey'@'127.0.0.1'`;
    const statements = [`CREATE USER ${name} IDENTIFIED BY '${password}';`];
    statements.push(`GRANT ALL PRIVILEGES ON *.* TO ${name} WITH GRANT OPTION;`);
    writeFileSync(join(folder, 'init.sql'), `${statements.join('\n')}\n`);
    if (runAs) execFileSync('chown', ['-R', `${runAs}:`, folder]);
    await initialise(server, folder, user, interrupted);
    const port = await freePort();
    interrupted.throwIfAborted();
    const url = `mysql://latchkey:${password}@127.0.0.1:${port}`;
    const spawned = spawnServer(server, folder, user, port, more);
    return { spawned, url, socket: join(folder, 's.sock'), ping: () => ping(url) };
  });
}
