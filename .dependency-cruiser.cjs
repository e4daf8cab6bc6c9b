/** The import rules of the architecture: who may know whom. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circular', 'a cycle means that two files are one', {}, { circular: true }),
    forbid('no-orphans-into-test', 'nothing that ships imports a test', { pathNot: '^test' }, { path: '^test' }),
    forbid(
      'function-to-function',
      'what two functions share moves to lib',
      { path: '^functions/([^/]+)/' },
      { path: '^functions/', pathNot: '^functions/$1/' },
    ),
    forbid(
      'runtime-knows-no-infra',
      'infra builds the runtime, never the other way',
      { path: '^(lib|functions)/' },
      { path: '^infra/' },
    ),
    forbid(
      'runtime-knows-no-cdk',
      'nothing at run time imports the CDK',
      { path: '^(lib|functions)/' },
      { path: 'node_modules/(aws-cdk-lib|constructs|cdk-nag)/' },
    ),
    forbid('lib-knows-no-function', 'functions are entries', { path: '^lib/' }, { path: '^functions/' }),
    forbid(
      'infra-imports-contracts-only',
      'the stack knows routes, not code',
      { path: '^infra/' },
      { path: '^functions/', pathNot: 'contracts?\\.ts$' },
    ),
    forbid(
      'infra-imports-no-domain',
      'of lib, infra sees what a route is, and its description',
      { path: '^infra/' },
      { path: '^lib/', pathNot: '^lib/(http/(contract|openapi)|table/layout)\\.ts$' },
    ),
    forbid(
      'local-stack-reads-the-template',
      'infra/local imports nothing of ours',
      { path: '^infra/local/' },
      { path: '^(lib|functions|infra)/', pathNot: '^infra/local/' },
    ),
    forbid(
      'foundations-below-domains',
      'shared, money, table, aws, credentials and http know no domain',
      { path: '^lib/(shared|money|table|aws|credentials|http)/' },
      { path: '^lib/[^/]+/', pathNot: '^lib/(shared|money|table|aws|credentials|http)/' },
    ),
    forbid(
      'http-on-top',
      'the frame of a route stands on credentials, not the other way',
      { path: '^lib/(shared|money|table|aws|credentials)/' },
      { path: '^lib/http/' },
    ),
    forbid(
      'shared-knows-no-service',
      'shared is what everything else stands on',
      { path: '^lib/shared/' },
      { path: '^lib/(table|aws|http)/' },
    ),
    forbid(
      'domains-meet-by-schema',
      'of another domain only types, its schema and the writes that join a transaction; all else is handed in by a wiring',
      { path: '^lib/(?!shared|money|table|aws|http|credentials)([^/]+)/', pathNot: '(^|[/-])wiring\\.ts$' },
      {
        path: '^lib/(?!shared|money|table|aws|http|credentials)[^/]+/',
        pathNot: '^lib/($1/|.*[/-]schema\\.ts$|mail/(outbox|kinds)\\.ts$|groups/name-guard\\.ts$|activity/)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'sdk-at-the-edge',
      'the AWS SDK is met only where an item, an object or a message is',
      { path: '^(lib|functions)/', pathNot: '(repository|storage|outbox)\\.ts$|^lib/(aws|table)/' },
      { path: 'node_modules/@aws-sdk/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
