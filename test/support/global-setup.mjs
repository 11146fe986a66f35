import './typescript-hooks.mjs';

/** One Postgres and, where it is installed, one Redis for the whole run; each test file takes a database of its own from it. */
export default async function globalSetup() {
  const { startTestServices } = await import('./test-services.ts');
  globalThis.stopTestServices = await startTestServices();
}
