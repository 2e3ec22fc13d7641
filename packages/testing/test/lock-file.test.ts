import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { missingEntries, platformOf } from '../src/lock-file.ts';

const test = suite('lock file');

test('a name tells the platform', () => {
  assert.equal(platformOf('@oxlint/binding-linux-x64-musl'), { os: ['linux'], cpu: ['x64'], libc: ['musl'] });
  assert.equal(platformOf('@oxfmt/binding-linux-arm-gnueabihf'), {
    os: ['linux'],
    cpu: ['arm'],
    libc: ['glibc'],
  });
  assert.equal(platformOf('@oxfmt/binding-win32-ia32-msvc'), { os: ['win32'], cpu: ['ia32'] });
  assert.equal(platformOf('@turbo/darwin-64'), { os: ['darwin'], cpu: ['x64'] });
  assert.equal(platformOf('@turbo/windows-arm64'), { os: ['win32'], cpu: ['arm64'] });
  assert.is(platformOf('fsevents'), null);
});

test('what is missing is added beside what is there', () => {
  const optionalDependencies = { '@t/linux-x64': '1.0.0', '@t/darwin-arm64': '1.0.0' };
  const packages = { 'node_modules/t': { dev: true, optionalDependencies }, 'node_modules/@t/linux-x64': {} };
  assert.equal(missingEntries(packages), {
    'node_modules/@t/darwin-arm64': {
      version: '1.0.0',
      os: ['darwin'],
      cpu: ['arm64'],
      dev: true,
      optional: true,
    },
  });
});

test.run();
