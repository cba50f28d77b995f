/** `linnet`: the library in one import. */
export * from '@linnet/core';
export * from '@linnet/connectors';
