/** A position in the write-ahead log, as PostgreSQL writes it: `0/3000148`. */
export type Lsn = string;

/** The 64-bit number that an LSN writes as two hexadecimal halves. */
export function lsnNumber(lsn: Lsn): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
