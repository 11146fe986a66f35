// Every package that is installed may be used: its licence is one of these (SPDX). Reads package.json of each package in the lock.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Unlicense',
]);
// Named loosely by their authors; what their LICENSE file says.
const READ = { 'url-template': 'BSD-3-Clause' };
const root = fileURLToPath(new URL('../..', import.meta.url));

/** One alternative that is allowed is enough; of what is joined by AND each must be. */
const isAllowed = (expression) =>
  expression
    .replaceAll(/[()]/g, '')
    .split(/ OR /i)
    .some((choice) => choice.split(/ AND /i).every((id) => ALLOWED.has(id.trim())));

const licenceOf = (folder) => {
  const { license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const named = license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ');
  return typeof named === 'string' && named !== '' ? named : 'none';
};

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const installed = Object.keys(packages).filter((path) => path !== '' && existsSync(join(root, path, 'package.json')));
const nameOf = (path) => path.replace(/^.*node_modules\//, '');
const refused = installed
  .map((path) => [path, READ[nameOf(path)] ?? licenceOf(join(root, path))])
  .filter(([, licence]) => !isAllowed(licence));
for (const [path, licence] of refused)
  console.error(`${nameOf(path)}: "${licence}" is not on the list in test/support/check-licences.mjs`);
console.log(`${installed.length} packages, ${refused.length} with a licence that is not allowed`);
process.exit(refused.length === 0 && installed.length > 100 ? 0 : 1);
