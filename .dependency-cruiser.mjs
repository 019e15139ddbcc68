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
  serving: ['base', 'catalog', 'prediction'],
};

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
