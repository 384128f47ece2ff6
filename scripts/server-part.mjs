import * as mariadb from './mariadb.mjs';
import * as postgres from './postgres.mjs';
import { run } from './run.mjs';

/** The parts of the tests that need a database server, by engine: how it is given, and what installs one. */
const SERVERS = {
  mysql: {
    name: 'MySQL',
    variable: 'TEST_DATABASE_URL',
    example: 'mysql://root:password@127.0.0.1:3306',
    debian: 'mariadb-server',
    ...mariadb,
  },
  postgres: {
    name: 'PostgreSQL',
    variable: 'TEST_POSTGRES_URL',
    example: 'postgres://postgres:password@127.0.0.1:5432',
    debian: 'postgresql',
    ...postgres,
  },
};

const onCi = () => !['', '0', 'false'].includes(process.env.CI ?? '');

async function installServer({ name, debian, findServer }) {
  if (!onCi() || process.getuid?.() !== 0) return undefined;
  try {
    console.log(`No ${name} server was found: installing ${debian} (apt-get) …`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    if ((await run('apt-get', ['update', '-qq'], { env })) !== 0) return undefined;
    const args = ['install', '-y', '-qq', '--no-install-recommends', debian];
    if ((await run('apt-get', args, { env })) !== 0) return undefined;
  } catch (error) {
    console.log(error.message);
  }
  return findServer();
}

/** The server for the part of this engine: `{url, stop}`, or `{skipped}` with the lines that say why there is none. */
export async function openServer(engine, interrupted) {
  const wanted = SERVERS[engine];
  const { name, variable, example, debian, findServer, startServer, ping } = wanted;
  const given = process.env[variable];
  if (given) {
    try {
      await ping(given);
    } catch (error) {
      throw new Error(`${variable} does not answer: ${error.message || error.code}`);
    }
    return { url: given, stop: async () => {} };
  }
  const server = findServer() ?? (await installServer(wanted));
  interrupted.throwIfAborted();
  if (server) return startServer(server, interrupted);
  const hint = `Set ${variable} (${example}) or install ${debian} to run it.`;
  if (onCi()) throw new Error(`CI never skips: no ${name} server was found.\n${hint}`);
  return { skipped: `The ${name} part was skipped: no server was found.\n${hint}` };
}
