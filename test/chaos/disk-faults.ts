import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../support/backup.js';
import { ALL, databaseOf, type Fault, fault, SERVERS } from './faults.js';
import { descriptorsOf } from './process.js';
import type { World } from './world.js';

const SHORT_MS = 700;

const diskOf = ({ disk }: World) => {
  if (!disk) throw new Error('this fault needs a disk of its own');
  return disk;
};

/** As the account of the process, which may do so everywhere. */
function limitDescriptors(pid: number, limit: number): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const idOf = (kind: string) => Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const account = { uid: idOf('Uid'), gid: idOf('Gid') };
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:`], account);
}

const softLimitOf = (pid: number): number =>
  Number(/Max open files\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);

async function withoutDescriptors(pid: number): Promise<void> {
  const before = softLimitOf(pid);
  limitDescriptors(pid, descriptorsOf(pid) + 1);
  await sleep(SHORT_MS);
  limitDescriptors(pid, before);
}

/** Ends everything that uses the disk, and starts it again once the disk is mounted anew. */
async function mountAnew(world: World): Promise<void> {
  const { database, servers } = world;
  if (database?.isRunning) await database.kill();
  if (!database) for (const server of servers) await server.kill();
  await diskOf(world).remount();
  await database?.startAgain();
  if (!database) for (const server of servers) await server.restart();
}

/** MariaDB and PostgreSQL may end themselves when a file cannot be written; the operator starts them again. */
async function startIfEnded({ database }: World): Promise<void> {
  if (database && !database.isRunning) await database.startAgain();
}

/** Of the disk and of what the system grants a process. */
export const DISK_FAULTS: readonly Fault[] = [
  fault(
    'disk full, and full again',
    ALL,
    async (world) => {
      for (let turn = 0; turn < 2; turn++) {
        diskOf(world).fill();
        await sleep(SHORT_MS);
        diskOf(world).empty();
        await startIfEnded(world);
        await world.untilServing(10_000);
      }
    },
    { needsDisk: true, short: true },
  ),
  fault(
    'file system read-only',
    ALL,
    async (world) => {
      diskOf(world).makeReadOnly();
      await sleep(SHORT_MS);
      await mountAnew(world);
    },
    { needsDisk: true },
  ),
  fault(
    'power loss',
    ALL,
    async (world) => {
      diskOf(world).cutPower();
      await sleep(100);
      await mountAnew(world);
    },
    { needsDisk: true, rounds: 20, short: true },
  ),
  fault('descriptors of a server used up', ALL, ({ servers: [first] }) => withoutDescriptors(first.pid)),
  fault('descriptors of the database used up', SERVERS, async (world) => {
    await withoutDescriptors(databaseOf(world).pid);
    await startIfEnded(world);
  }),
];

/** Comes last: it closes everything that was issued before. */
export const RESTORE: Fault = fault(
  'older backup restored',
  ALL,
  async (world) => {
    await expectDone(world, 'backup', []);
    await sleep(SHORT_MS);
  },
  {
    rounds: 2,
    async settle(world) {
      for (const server of world.servers) await server.end('SIGTERM');
      await expectDone(world, 'restore', ['--replace']);
      for (const server of world.servers) await server.start();
      world.journal.ended();
    },
  },
);

async function expectDone(world: World, command: 'backup' | 'restore', options: string[]): Promise<void> {
  const file = join(world.outside, `${world.rounds}.lkb`);
  const { code, stderr } = await runCommand(command, world.servers[0], [file, ...options]);
  if (code !== 0) throw new Error(`${command}: ${stderr}`);
}
