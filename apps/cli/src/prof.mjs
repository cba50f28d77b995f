const t0 = performance.now();
const { readFileBytes, readTable } = await import('@linnet/connectors/file');
const t1 = performance.now();
const b = readFileBytes('examples/purpleair/data.json');
const t2 = performance.now();
const t = await readTable({ name: 'x', bytes: b });
const t3 = performance.now();
const { chooseFeatures, matrixOf } = await import('./batch/features.ts');
const f = chooseFeatures(t, undefined);
const x = matrixOf(f.features, t.rows);
const t4 = performance.now();
console.log(
  'import',
  (t1 - t0).toFixed(0),
  'read',
  (t2 - t1).toFixed(0),
  'table',
  (t3 - t2).toFixed(0),
  'features',
  (t4 - t3).toFixed(0),
);
