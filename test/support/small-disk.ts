import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processes that were just killed still have files open. */
const MAX_TRIES = 40;
const RETRY_MS = 50;
const CHUNKS = [Buffer.alloc(2 ** 20), Buffer.alloc(4096), Buffer.alloc(1)];

/** Ends an ext4 file system as a power cut does (EXT4_IOC_SHUTDOWN without flushing its log). */
const CUT_POWER = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))`;

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A separate ext4 file system, which a test can fill, make read-only and cut off from power. */
export class SmallDisk {
  /** Its mount point, accessible to the accounts of databases. */
  readonly path: string;
  private readonly folder: string;
  private readonly image: string;

  private constructor() {
    this.folder = mkdtempSync('/tmp/latchkey-disk-');
    this.path = join(this.folder, 'disk');
    const images = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    this.image = join(images, `${basename(this.folder)}.image`);
  }

  static make(mebibytes: number): SmallDisk {
    const disk = new SmallDisk();
    process.once('exit', () => disk.remove());
    try {
      run('chmod', '755', disk.folder);
      mkdirSync(disk.path);
      run('truncate', '-s', `${mebibytes}M`, disk.image);
      run('mkfs.ext4', '-q', '-F', '-m', '0', disk.image);
      disk.mount();
      run('chmod', '777', disk.path);
      return disk;
    } catch (error) {
      disk.remove();
      throw error;
    }
  }

  /** Uses all free space. */
  fill(): void {
    const descriptor = openSync(join(this.path, 'ballast'), 'a');
    for (const chunk of CHUNKS) {
      try {
        for (;;) writeSync(descriptor, chunk);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(descriptor);
  }

  empty(): void {
    rmSync(join(this.path, 'ballast'), { force: true });
  }

  /** As the kernel does after an error of the device. */
  makeReadOnly(): void {
    writeFileSync(`/sys/fs/ext4/${basename(this.device)}/trigger_fs_error`, 'test');
  }

  /** Loses all that was not flushed; every use of the disk fails until it is mounted again. */
  cutPower(): void {
    run('python3', '-c', CUT_POWER, this.path);
  }

  /** Remounts it as after a restart of the machine; no program may use the disk. */
  async remount(): Promise<void> {
    closeOwnFiles(this.path);
    for (let tries = 1; ; tries++) {
      try {
        run('umount', this.path);
        break;
      } catch (error) {
        if (tries === MAX_TRIES) throw error;
        await sleep(RETRY_MS);
      }
    }
    this.mount();
  }

  remove(): void {
    try {
      run('umount', '-l', this.path);
    } catch {
      // It is not mounted.
    }
    for (const leftover of [this.folder, this.image]) rmSync(leftover, { recursive: true, force: true });
  }

  private mount(): void {
    run('mount', '-o', 'loop,errors=remount-ro', this.image, this.path);
  }

  private get device(): string {
    return run('findmnt', '-no', 'SOURCE', this.path).trim();
  }
}

/** Logs that this process opened for its children. */
function closeOwnFiles(folder: string): void {
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder)) closeSync(Number(descriptor));
    } catch {
      // The file descriptor of the listing itself.
    }
  }
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    SmallDisk.make(4).remove();
    return true;
  } catch {
    return false;
  }
}

/** Whether tests can mount a file on this machine: as root, with loop devices and ext4. */
export const hasDisks = canMount();
