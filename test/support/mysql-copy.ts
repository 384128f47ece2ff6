import { withConnection } from './connection.js';

const nameOf = (databaseUrl: string) => new URL(databaseUrl).pathname.slice(1);

/** Copies the tables of one database of a server, and their rows, into an empty one. */
export const copyMysqlDatabase = (from: string, to: string): Promise<void> =>
  withConnection(to, async (connection) => {
    await connection.all('SET foreign_key_checks = 0');
    const tables = await connection.all(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${nameOf(from)}'`,
    );
    for (const { name } of tables) {
      const [shown] = await connection.all(`SHOW CREATE TABLE \`${nameOf(from)}\`.\`${name}\``);
      await connection.all(String(shown?.['Create Table']));
      await connection.all(`INSERT INTO \`${name}\` SELECT * FROM \`${nameOf(from)}\`.\`${name}\``);
    }
  });
