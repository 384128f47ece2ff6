import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

export type DebianProgram = 'nginx' | 'haproxy' | 'caddy' | 'prometheus' | 'zsh' | 'fish' | 'systemd-analyze';

/** Where it is not called like the program. */
const PACKAGES: Partial<Record<DebianProgram, string>> = { 'systemd-analyze': 'systemd' };

const INSTALL_LIMIT_MS = 10 * 60_000;

/** Under a lock, so that concurrent test files do not fail on apt's own lock. */
const INSTALL = `
command -v "$1" >/dev/null && exit 0
# The package would start its service: the tests start their own, and nothing may be left running.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$2"
systemctl disable "$2" >/dev/null 2>&1 || true
`;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Servers are in /usr/sbin, which the PATH of an ordinary user lacks. */
function find(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

const packageOf = (name: DebianProgram): string => PACKAGES[name] ?? name;

const mayInstall = () => process.getuid?.() === 0 && existsSync('/etc/debian_version');

function install(name: DebianProgram): Promise<void> {
  console.log(`${name} was not found: installing it (apt-get) …`);
  const args = ['--timeout', '600', '/var/lib/apt', 'sh', '-ec', INSTALL, 'sh', name, packageOf(name)];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('flock', args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: INSTALL_LIMIT_MS });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.log(`${name} could not be installed: ${error.message}`);
      resolve();
    });
    child.once('close', (code) => {
      if (code !== 0) console.log(`${name} could not be installed: ${said}`);
      resolve();
    });
  });
}

const onCi = () => !['', '0', 'false'].includes(process.env.CI ?? '');

/** The path of a program that Debian does not have; nothing, with a line that says so, where it is not installed. */
export function otherProgram(name: string): string | undefined {
  const binary = find(name);
  if (!binary) console.log(`Skipped: ${name} was not found, and Debian has no package of it.`);
  return binary;
}

/** The path of a program of Debian, installed if it is missing and installing is allowed; undefined if its tests must be skipped. */
export async function debianProgram(name: DebianProgram): Promise<string | undefined> {
  if (!find(name) && mayInstall()) await install(name);
  const binary = find(name);
  if (binary) return binary;
  const reason = `${name} was not found. Install Debian's package ${packageOf(name)} to run its tests.`;
  if (onCi()) throw new Error(`CI never skips: ${reason}`);
  console.log(`Skipped: ${reason}`);
  return undefined;
}
