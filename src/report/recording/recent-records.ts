import type { Recording } from '../reading/recording';
import type { Begin, Moment, RecordLine } from '../records';
import type { RecordOutput } from './record-output';

/** A test that does more has a picture without its beginning. */
const most = 20_000;

/** Keeps what happened lately in memory, and of what was before that what still holds. */
export class RecentRecords implements RecordOutput {
  #records: RecordLine[] = [];

  take(record: RecordLine): void {
    if (this.#records.length >= most) this.forgetBefore(this.#records[most / 2]?.at ?? record.at);
    this.#records.push(record);
  }

  close(): void {
    this.#records = [];
  }

  get recording(): Recording {
    const [begin] = this.#records;
    if (begin?.kind !== 'begin') throw new Error('a recording has a begin');
    return { begin: begin as Begin, records: [...this.#records], isWhole: true, problems: [] };
  }

  forgetBefore(moment: Moment): void {
    const isOld = ({ at }: RecordLine) => at < moment;
    const holding = stillHolding(this.#records.filter(isOld));
    this.#records = [...holding, ...this.#records.filter((record) => !isOld(record))];
  }
}

/** The records of which the last of their subject stands, and says that something holds. */
function stillHolding(records: readonly RecordLine[]): RecordLine[] {
  const last = new Map<string, RecordLine>();
  for (const record of records) {
    const subject = subjectOf(record);
    if (subject === undefined) continue;
    last.delete(subject);
    if (!isEnd(record)) last.set(subject, record);
  }
  return [...last.values()];
}

/** Undefined: it is over as soon as it has happened. */
function subjectOf(record: RecordLine): string | undefined {
  switch (record.kind) {
    case 'begin':
      return 'begin';
    case 'test begins':
    case 'test ends':
      return `test ${record.test}`;
    case 'hook begins':
    case 'hook ends':
      return `hook ${record.hook}`;
    case 'act begins':
    case 'act ends':
      return `act ${record.act}`;
    case 'fault on':
    case 'fault off':
      return `fault ${record.node} ${record.fault}`;
    case 'node':
      return `node ${record.node}`;
    case 'endpoint':
      return `endpoint ${record.endpoint}`;
    case 'ledger':
      return `ledger ${record.ledger}`;
    default:
      return undefined;
  }
}

function isEnd(record: RecordLine): boolean {
  switch (record.kind) {
    case 'test ends':
    case 'hook ends':
    case 'act ends':
    case 'fault off':
      return true;
    case 'ledger':
      return record.is === 'ended';
    default:
      return false;
  }
}
