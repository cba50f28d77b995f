/**
 * Transactions that were aborted, and input that falls silent. A broker that dies is in `npm run chaos` alone: after some kills a
 * member may not come back (docs/status.md), and a test that fails by chance says nothing.
 */
import { aborted } from './cases/aborted.ts';
import { silence } from './cases/silence.ts';
import { shortForm } from './short.ts';

await shortForm([aborted, silence]);
