/** @linnet/core/kernels: for who reads inputs. */
export { SPAN, fieldScan, lineCutter, type FieldScan, type FieldShare } from './field-scan.ts';
