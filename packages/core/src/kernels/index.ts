/** @linnet/core/kernels: for who reads inputs. */
export { lineDivider, ownerOfField, type DividedLines, type LineOwners } from './divide-lines.ts';
export { SPAN, fieldScan, lineCutter, type FieldScan } from './field-scan.ts';
