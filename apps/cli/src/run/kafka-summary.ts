import type { MemberStatus } from '@linnet/connectors/kafka';

/** What a process of a flow over Kafka did in its life. */
export class KafkaSummary {
  instance = '';
  private records = 0;
  private deadLetters = 0;
  private before = { records: 0, deadLetters: 0 };

  take({ records, deadLetters }: MemberStatus): void {
    const { before } = this;
    // A process that joined its group again counts from 0.
    this.records += records >= before.records ? records - before.records : records;
    this.deadLetters += deadLetters >= before.deadLetters ? deadLetters - before.deadLetters : deadLetters;
    this.before = { records, deadLetters };
  }

  /** @param ended whether the input has ended, not the process alone */
  text(ended: boolean): string {
    const count = (n: number) => n.toLocaleString('en');
    const dead = this.deadLetters > 0 ? `, ${count(this.deadLetters)} to the dead letters` : '';
    const end = ended ? '; the input has ended' : '';
    return `${this.instance} handled ${count(this.records)} messages${dead}${end}`;
  }
}
