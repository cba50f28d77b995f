/** Processes that are killed, or stopped and come back. */
import { kills } from './cases/kills.ts';
import { poison } from './cases/poison.ts';
import { zombie } from './cases/zombie.ts';
import { shortForm } from './short.ts';

shortForm([kills, zombie, poison]);
