/** The topic of the scenarios for a peer: RECORDS SENSORS; prints the broker's address, and ends when standard input does. */
import { startFleetTopic } from './fleet-topic.ts';

const [records, sensors] = process.argv.slice(2).map(Number);
const { bootstrap } = await startFleetTopic(records ?? 0, sensors ?? 0);
process.stdout.write(`${bootstrap}\n`);
process.stdin.resume().on('end', () => process.exit());
