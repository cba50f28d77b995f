/** @linnet/core/kernels: for who reads inputs. */
export { SPAN, fieldScan, isShareOf, lineCutter, type FieldScan, type FieldShare } from './field-scan.ts';
