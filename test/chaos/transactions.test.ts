/** A broker that dies, transactions that were aborted, and input that falls silent. */
import { aborted } from './cases/aborted.ts';
import { broker } from './cases/broker.ts';
import { silence } from './cases/silence.ts';
import { shortForm } from './short.ts';

shortForm([broker, aborted, silence]);
