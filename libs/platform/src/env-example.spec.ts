import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentExample } from './settings.js';

it('.env.example is what the settings say; made by: npx conferences doctor --example', () => {
  expect(readFileSync(join(process.cwd(), '.env.example'), 'utf8')).toBe(environmentExample());
});
