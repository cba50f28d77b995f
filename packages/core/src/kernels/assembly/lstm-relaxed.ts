// asc: --enable threads --sharedMemory --maximumMemory 65536 --enable relaxed-simd
// The same source; with relaxed SIMD at hand, products and sums are fused.
export * from './lstm';
