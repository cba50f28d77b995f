/** State that is read back, cannot be written, or whose input is gone. */
import { isRoot } from '../faults/tools.ts';
import { disk } from './cases/disk.ts';
import { restore } from './cases/restore.ts';
import { retention } from './cases/retention.ts';
import { shortForm } from './short.ts';

// A small disk is mounted as root only; `npm run chaos` says so where it is not.
shortForm([restore, retention, ...(isRoot ? [disk] : [])]);
