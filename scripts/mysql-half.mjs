import { findServer, ping, startServer } from './mariadb.mjs';
import { run } from './run.mjs';

const INSTALL_HINT =
  'Set TEST_DATABASE_URL (mysql://root:password@127.0.0.1:3306) or install mariadb-server to run it.';

const onCi = () => !['', '0', 'false'].includes(process.env.CI ?? '');

async function installServer() {
  if (!onCi() || process.getuid?.() !== 0) return undefined;
  try {
    console.log('No MySQL-compatible server was found: installing mariadb-server (apt-get) …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    if ((await run('apt-get', ['update', '-qq'], { env })) !== 0) return undefined;
    const args = ['install', '-y', '-qq', '--no-install-recommends', 'mariadb-server'];
    if ((await run('apt-get', args, { env })) !== 0) return undefined;
  } catch (error) {
    console.log(error.message);
  }
  return findServer();
}

/** The server for the MySQL half: `{url, stop}`, or `{skipped}` with the lines that say why there is none. */
export async function openMysql(interrupted) {
  const given = process.env.TEST_DATABASE_URL;
  if (given) {
    try {
      await ping(given);
    } catch (error) {
      throw new Error(`TEST_DATABASE_URL does not answer: ${error.message || error.code}`);
    }
    return { url: given, stop: async () => {} };
  }
  const server = findServer() ?? (await installServer());
  interrupted.throwIfAborted();
  if (server) return startServer(server, interrupted);
  if (onCi()) throw new Error(`CI never skips: no MySQL-compatible server was found.\n${INSTALL_HINT}`);
  return { skipped: `The MySQL half was skipped: no MySQL-compatible server was found.\n${INSTALL_HINT}` };
}
