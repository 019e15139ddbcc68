/**
 * Data flows one way: a folder imports only from the folders above it in this table (see docs/architecture.md).
 * Each row: folder -> the folders it may import from.
 */
const MAY = {
  base: [],
  catalog: ['base'],
  features: ['base', 'catalog'],
  graph: ['base'],
  models: ['base', 'catalog', 'features', 'graph'],
  evaluation: ['base'],
  training: ['base', 'catalog', 'features', 'graph', 'models', 'evaluation'],
  prediction: ['base', 'catalog', 'features', 'graph', 'models', 'evaluation', 'training'],
  store: ['base', 'catalog', 'prediction'],
  monitoring: ['base', 'catalog', 'features', 'evaluation', 'prediction', 'store'],
  serving: ['base', 'catalog', 'prediction', 'store', 'monitoring'],
};

/** The composition root, src/attune.ts and src/attune/, stands below them all and may import each. */
const FOLDERS = Object.keys(MAY).join('|');

const oneWay = Object.entries(MAY).map(([from, to]) => ({
  name: `${from}-imports-only-above`,
  severity: 'error',
  comment: 'One-way flow: a product comes in at the top and leaves as predictions at the bottom.',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...to].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...oneWay,
    {
      name: 'web-knows-the-contracts-only',
      severity: 'error',
      comment: 'The page talks to the service over HTTP; what it may know of it is what goes over the wire.',
      from: { path: '^web/' },
      to: { path: '^(src|bench|test|examples|scripts)/', pathNot: '^src/serving/api/' },
    },
    {
      name: 'nothing-imports-the-page',
      severity: 'error',
      comment: 'The page is an edge: built into files that the service sends.',
      from: { pathNot: '^web/' },
      to: { path: '^web/' },
    },
    {
      name: 'attune-wires-the-folders',
      severity: 'error',
      comment: 'The composition root knows the folders; it does not know who calls it.',
      from: { path: '^src/attune(/|\\.ts$)' },
      to: { path: '^src/', pathNot: `^src/(${FOLDERS}|attune)/` },
    },
    {
      name: 'one-door-to-the-composition-root',
      severity: 'error',
      comment: 'A command imports src/attune.ts, which names what it may use; tests may look behind it.',
      from: { path: '^src/', pathNot: '^src/(attune/|attune\\.ts$|index\\.ts$)|\\.test\\.ts$' },
      to: { path: '^src/attune/' },
    },
    {
      name: 'index-names-the-public-library',
      severity: 'error',
      comment:
        'What the package exports is what the composition root does, and the types of what it takes and gives.',
      from: { path: '^src/index\\.ts$' },
      to: {
        path: '^src/',
        pathNot: '^src/(attune/|attune\\.ts$|base/errors\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nothing-imports-the-commands',
      severity: 'error',
      comment: 'A command is an edge: it parses, calls and prints, and nothing depends on it.',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nothing-imports-benchmarks-or-tests',
      severity: 'error',
      comment: 'Benchmarks and tests are edges too; each uses only its own.',
      from: { path: '^(src|bench|examples|scripts|test)/', pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'examples-use-the-public-library',
      severity: 'error',
      comment: 'An example shows what a user can do, who has the package and nothing else.',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'cli-calls-the-composition-root',
      severity: 'error',
      comment: 'A command parses, calls and prints; src/attune.ts does the wiring.',
      from: { path: '^src/cli/' },
      to: { path: '^src/', pathNot: '^src/(cli/|attune\\.ts|base/)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle hides which part knows the other.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'one-door-to-the-runtime',
      severity: 'error',
      comment: 'Only graph/session.ts may know onnxruntime: threads, aliasing and devices are decided there.',
      from: { path: '^src/', pathNot: '^src/graph/session\\.ts$' },
      to: { path: 'onnxruntime-node' },
    },
    {
      name: 'one-door-to-the-database',
      severity: 'error',
      comment: 'Only store/ knows a database: what is kept, and how, is decided there.',
      from: { path: '^src/', pathNot: '^src/store/' },
      to: { path: 'node_modules/(@electric-sql|drizzle-orm|pg)/' },
    },
    {
      name: 'pure-folders-read-no-files',
      severity: 'error',
      comment: 'The engine and the metrics are pure: a caller hands them bytes.',
      from: { path: '^src/(graph|evaluation)/', pathNot: '^src/graph/session\\.ts$|\\.test\\.ts$' },
      to: { path: '^(node:)?fs' },
    },
    {
      name: 'src-never-imports-tests-or-benchmarks',
      severity: 'error',
      comment: 'What ships does not depend on what checks it.',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench|examples|scripts)/' },
    },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      comment: 'The installed package has no dev dependencies.',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
