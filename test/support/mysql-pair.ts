import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from './pair.js';
import { ScratchDatabase } from './scratch-database.js';

const MAX_LAG_MS = 10_000;
const REPLICATION =
  "MASTER_HOST = '127.0.0.1', MASTER_USER = 'replica', MASTER_PASSWORD = 'only-for-this-test'";

/** A primary and a read-only replica of MariaDB, which lags by milliseconds. */
export class MysqlPair implements Pair {
  private constructor(
    private readonly primary: ScratchDatabase,
    private readonly replica: ScratchDatabase,
    readonly urls: readonly [string, string],
  ) {}

  static async start(): Promise<MysqlPair> {
    const start = (id: number) =>
      ScratchDatabase.start([`--server-id=${id}`, '--log-bin=log', '--binlog-format=ROW']);
    const [primary, replica] = [await start(1), await start(2)];
    const urls: string[] = [];
    for (const server of [primary, replica]) {
      await server.createDatabase();
      urls.push(await server.createUser('keeper', 'a-sesame-of-it'));
    }
    await primary.run(
      "CREATE USER 'replica'@'%' IDENTIFIED BY 'only-for-this-test'",
      "GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'",
    );
    const pair = new MysqlPair(primary, replica, urls as [string, string]);
    const { file, position } = await pair.positionOfPrimary();
    const port = new URL(primary.url).port;
    await replica.run(
      `CHANGE MASTER TO ${REPLICATION}, MASTER_PORT = ${port}, MASTER_LOG_FILE = '${file}', MASTER_LOG_POS = ${position}`,
      'START SLAVE',
      'SET GLOBAL read_only = ON',
    );
    return pair;
  }

  async setReadOnly(isReadOnly: boolean): Promise<void> {
    await this.primary.run(`SET GLOBAL read_only = ${isReadOnly ? 'ON' : 'OFF'}`);
  }

  /** As by a power cut. */
  async fail(): Promise<void> {
    await this.untilReplicated();
    this.primary.kill();
  }

  async promote(): Promise<void> {
    await this.replica.run('STOP SLAVE', 'SET GLOBAL read_only = OFF');
  }

  async stop(): Promise<void> {
    await this.replica.stop();
    await this.primary.stop();
  }

  private async positionOfPrimary(): Promise<{ file: string; position: number }> {
    const [row] = await this.primary.asAdministrator((connection) => connection.all('SHOW MASTER STATUS'));
    return { file: String(row?.File), position: Number(row?.Position) };
  }

  /** The replica may lag, since the primary does not wait for it. */
  private async untilReplicated(): Promise<void> {
    const { file, position } = await this.positionOfPrimary();
    const until = Date.now() + MAX_LAG_MS;
    for (;;) {
      const [row] = await this.replica.asAdministrator((connection) => connection.all('SHOW SLAVE STATUS'));
      if (row?.Relay_Master_Log_File === file && Number(row?.Exec_Master_Log_Pos) >= position) return;
      if (Date.now() > until) throw new Error(`the replica lags: ${row?.Last_Error}`);
      await sleep(20);
    }
  }
}
