// Who may import whom: base <- math, random, kernels, engine <- stages | flow <- connectors <- apps. An allow-list.
const core = '^packages/core/src/';
const stage = 'decode|impute|scale|model|threshold|drift|window|classify|transmit|prepare';
const test = '([.](test|bench)|^packages/(agent|server)/(test|sim)/.*)[.]ts$';
const entry =
  '^packages/[^/]+/src/((testing|alert|base|engine|file|history|http|kafka|kernels|lstm|model/lstm|recovery|runtime|simulate|transmit|wire|model|model/watch|command)/)?index[.]ts$|^packages/agent/src/command/(options|save-memory)[.]ts$'; // what `exports` offers
const may = (from, to) => ({ from: { path: `${core}(${from})/` }, to: { path: `${core}(${to})/` } });

module.exports = {
  allowedSeverity: 'error',
  allowed: [
    { from: { path: `${core}([^/]+)/` }, to: { path: `${core}$1/` } }, // within one folder
    may('math|random|kernels|engine|wire', 'base'),
    may(stage, 'base|math|random'), // stages never meet
    may('model|impute', 'kernels'),
    may('transmit', 'wire'),
    may('evaluate', 'base|math'),
    may('simulate', 'random'),
    may('flow', 'base|engine'), // knows stages by interface only
    may('testing', 'base|engine|random'),
    { from: { path: `${core}(index|catalog[.]gen)[.]ts$` }, to: { path: core } },
    { from: { path: [test, '^(bench|test)/'] }, to: {} },
    {
      from: { path: '^packages/connectors/src/([^/]+)/' },
      to: { path: ['^packages/connectors/src/$1/', entry] },
    },
    { from: { path: '^packages/connectors/src/index[.]ts$' }, to: { path: '^packages/connectors/' } },
    { from: { path: '^packages/connectors/' }, to: { dependencyTypes: ['core', 'npm'] } },
    { from: { path: '^packages/gateway/' }, to: { path: ['^packages/gateway/', entry] } },
    { from: { path: '^packages/gateway/' }, to: { dependencyTypes: ['core', 'npm'] } },
    { from: { path: '^packages/agent/' }, to: { path: ['^packages/agent/', entry] } },
    { from: { path: '^packages/agent/' }, to: { dependencyTypes: ['core', 'npm'] } },
    { from: { path: '^packages/server/' }, to: { path: ['^packages/server/', entry] } },
    { from: { path: '^packages/server/' }, to: { dependencyTypes: ['core', 'npm'] } },
    { from: { path: '^apps/([^/]+)/' }, to: { path: ['^apps/$1/', entry] } }, // apps never meet
    { from: { path: '^apps/' }, to: { dependencyTypes: ['core', 'npm'] } },
  ],
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dead-file',
      severity: 'error',
      from: { orphan: true, pathNot: [test, 'main[.]ts$', '[.]d[.]ts$', '/assembly/', '/dist/'] },
      to: {},
    },
    { name: 'no-test-in-product', severity: 'error', from: { pathNot: test }, to: { path: test } },
    {
      name: 'declare-what-you-import',
      severity: 'error',
      from: { pathNot: test },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'npm-dev'] },
    },
    {
      name: 'browser-reaches-no-node',
      severity: 'error',
      from: { path: '^apps/dashboard/' },
      to: { path: '^(fs|net|tls|http|https|os|path|child_process|worker_threads)$', reachable: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', '/assembly/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
    },
  },
};
