const shared = {
  rootDir: '.',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '^.+\\.tsx?$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'json'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['app-source', 'node', 'node-addons'] },
  setupFiles: [
    '<rootDir>/test/support/preload-esm.mjs',
    ...(process.env.RECORD_STATEMENTS ? ['<rootDir>/test/support/record-statements.mjs'] : []),
  ],
};

// unit: pure logic, nothing outside the process. medium: real Postgres and both queue backends.
// e2e: the product over HTTP against the sandbox. contracts: the sandbox against the official types and specs.
// browser: headless Chromium. Each suite names the promise it proves.
export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs}/**/*.spec.{ts,tsx}'] },
    { ...shared, displayName: 'contracts', testMatch: ['<rootDir>/test/contracts/**/*.spec.{ts,tsx}'] },
    {
      ...shared,
      displayName: 'medium',
      testMatch: ['<rootDir>/test/medium/**/*.spec.{ts,tsx}'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.spec.{ts,tsx}'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.spec.{ts,tsx}'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
  testTimeout: 30_000,
};
