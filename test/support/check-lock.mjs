// Is package-lock.json complete, and free of registry hosts? npm writes a lock without the platform packages that a
// registry lacks, and then refuses it on a fresh machine (`npm ci`: "Missing … from lock file").
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../..', import.meta.url);
const { packages } = JSON.parse(readFileSync(fileURLToPath(new URL('package-lock.json', root)), 'utf8'));
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
  readFileSync(fileURLToPath(new URL('package.json', root)), 'utf8'),
);
const places = Object.keys(packages);
const faults = [];

for (const [place, entry] of Object.entries(packages)) {
  const name = place || 'package.json';
  for (const optional of Object.keys(entry.optionalDependencies ?? {}))
    if (!places.some((other) => other.endsWith(`node_modules/${optional}`)))
      faults.push(`${name}: its optional dependency ${optional} is not in the lock`);
  if (entry.resolved !== undefined) faults.push(`${name}: names where it was fetched from`);
  if (place !== '' && entry.link !== true && entry.integrity === undefined) faults.push(`${name}: has no integrity`);
}
for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`package.json: ${name} is not pinned (${version})`);
  if (packages[`node_modules/${name}`]?.version !== version)
    faults.push(`package.json: ${name} is ${version} there and another version in the lock`);
}

for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? `The lock is complete: ${places.length} entries.` : `${faults.length} faults.`);
process.exitCode = faults.length === 0 ? 0 : 1;
