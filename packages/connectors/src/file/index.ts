/** @linnet/connectors/file: tables and other files, whole. */
export { numericText } from './numeric-text.ts';
export { readFileBytes, readStreamBytes } from './read-file.ts';
export { readTable } from './read-table.ts';
export { tableFormats } from './table.ts';
export type { Column, NumberColumn, OtherColumn, Table, TableFormat, TableSource } from './table.ts';
export { AtomicFile, writeFileAtomic } from './write-file-atomic.ts';
export { csv, type CsvTyped } from './csv-source.ts';
export type { CsvRecord, CsvType, CsvValue } from './csv-decoder.ts';
export { jsonLines } from './jsonl-source.ts';
export { purpleAirSnapshot, type PurpleAirRecord } from './purpleair-source.ts';
export { INTEL_LAB_VALUES, readIntelLab, type IntelLabCounts } from './intel-lab.ts';
export type { MadeText } from './open-bytes.ts';
export { readAreas } from './read-areas.ts';
export { readSeries } from './read-series.ts';
export { seriesWriter } from './series-writer.ts';
export type { ColumnFormat, ColumnRows, ColumnWords, ColumnWriter } from './column-rows.ts';
export { columnWriter } from './column-writer.ts';
