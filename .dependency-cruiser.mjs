// The import rules of docs/architecture.md: apps → notifications → conferences → messaging, privacy → encryption,
// database → platform. providers and login know no conference. Apps never import each other (cli may start them).
const lib = (names) => `^libs/(${names})/`;
const onlyFrom = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'packages of types only have nothing to resolve',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@microsoft/microsoft-graph-types$' },
    },
    onlyFrom(
      'libs-not-apps',
      { path: '^libs/', pathNot: '\\.spec\\.tsx?$' },
      { path: '^(apps|test)/' },
      'a library never reaches up; only its tests may, for the factories',
    ),
    onlyFrom(
      'apps-not-each-other',
      { path: '^apps/(?!cli/)([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
      'cli may start the others; nobody else',
    ),
    onlyFrom('platform-is-the-floor', { path: lib('platform') }, { path: '^libs/', pathNot: lib('platform') }),
    onlyFrom(
      'encryption-database-on-platform',
      { path: lib('encryption|database') },
      { path: '^libs/', pathNot: lib('encryption|database|platform') },
    ),
    onlyFrom(
      'messaging-privacy-below-conferences',
      { path: lib('messaging|privacy') },
      { path: lib('conferences|notifications|providers|login|client') },
    ),
    onlyFrom(
      'conferences-below-notifications',
      { path: lib('conferences') },
      { path: lib('notifications|login|client') },
    ),
    onlyFrom(
      'providers-know-no-conference',
      { path: lib('providers') },
      { path: '^libs/', pathNot: lib('providers|encryption|platform') },
    ),
    onlyFrom(
      'login-knows-no-conference',
      { path: lib('login') },
      { path: '^libs/', pathNot: lib('login|providers|encryption|platform') },
    ),
    onlyFrom('client-stands-alone', { path: lib('client') }, { path: '^libs/', pathNot: lib('client') }),
    onlyFrom(
      'vendor-sdk-only-in-its-folder',
      { path: '^(apps|libs)/', pathNot: '^(libs/providers/src/(google-meet|microsoft-teams)/|apps/sandbox/)' },
      { path: 'node_modules/(@googleapis/|@microsoft/microsoft-graph)' },
      'only libs/providers/<name> imports a Google or Microsoft SDK',
    ),
    onlyFrom(
      'kms-sdk-only-behind-its-wrapper',
      { path: '^(apps|libs|test)/', pathNot: '^libs/encryption/src/kms-key-ring\\.ts$' },
      { path: 'node_modules/@aws-sdk' },
    ),
    onlyFrom(
      'through-the-front-door',
      { path: '^(apps|libs|test)/', pathNot: '^libs/' },
      { path: '^libs/[^/]+/src/(?!index\\.ts$)' },
      'a library is entered by its index',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['app-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
