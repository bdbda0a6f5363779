import type { RecordLine } from '../records';
import { sentence } from './bars';
import { type Item, item } from './items';

/** How the writes of each ledger ended, from one count to the next. */
export function ledgerItems(records: readonly RecordLine[]): Item[] {
  const since = new Map<number, number>();
  return records.flatMap((record) => {
    if (record.kind === 'ledger') {
      since.set(record.ledger, record.at);
      return [];
    }
    if (record.kind !== 'writes') return [];
    const { ledger, at, acknowledged, failed, unknown, inFlight } = record;
    const from = since.get(ledger) ?? at;
    since.set(ledger, at);
    if (acknowledged + failed + unknown === 0) return [];
    return item({
      sort: 'writes',
      lane: `ledger ${ledger}`,
      from,
      until: at,
      tone: unknown > 0 ? 'doubtful' : failed > 0 ? 'bad' : 'good',
      counts: { acknowledged, failed, unknown },
      label: sentence([
        acknowledged > 0 && `${acknowledged} acknowledged`,
        failed > 0 && `${failed} failed`,
        unknown > 0 && `${unknown} unknown`,
      ]),
      detail: inFlight > 0 ? `${inFlight} in flight` : '',
    });
  });
}
