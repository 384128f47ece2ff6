import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { V8_FLAGS } from '../../scripts/v8-flags.mjs';

const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const flagsOf = (command: string) => command.match(/--[\w-]+(?:=\w+)?/g);

const { scripts } = JSON.parse(text('package.json')) as { scripts: { start: string } };
const image = /^CMD .*$/m.exec(text('Dockerfile'))?.[0] ?? '';
const unit = /^ExecStart=.*$/m.exec(text('docs/operations.md'))?.[0] ?? '';

describe('Every way to start the server', () => {
  it.each([
    ['npm start', scripts.start],
    ['the image', image],
    ['the systemd unit', unit],
  ])('passes the V8 flags of scripts/v8-flags.mjs: %s', (_way, command) => {
    expect(flagsOf(command)).toEqual(V8_FLAGS);
  });
});
