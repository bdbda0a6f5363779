/** What the reporter asks the environments of its run to do. */
export interface RecordingOrder {
  /** Jest's main process, in which the reporter is. */
  readonly pid: number;
  /** An absolute path. Each attempt at a test file makes a file of its own there. */
  readonly folder: string;
  /** Whether to keep the text of statements. */
  readonly sql: boolean;
}

/** The environment variable that has the order, in JSON. */
export const orderVariable = 'PG_CLUSTER_RECORDING';

/** What is looked at to see whose an order is. */
type Asked = Pick<NodeJS.Process, 'env' | 'pid' | 'ppid' | 'argv'>;

/**
 * The order that this process was given; undefined without one. Other processes have inherited the
 * variable too: a Jest that a test runs must not write into the recordings of the outer run. So an
 * order counts in the process that it names, and in Jest's workers among the children of that one.
 */
export function recordingOrder(asked: Asked = process): RecordingOrder | undefined {
  const given = asked.env[orderVariable];
  if (given === undefined) return undefined;
  const order = parse(given);
  if (!order) return undefined;
  const isJestsWorker = /[\\/]jest-worker[\\/].*processChild\.js$/.test(asked.argv[1] ?? '');
  const isOurs = order.pid === asked.pid || (isJestsWorker && order.pid === asked.ppid);
  return isOurs ? order : undefined;
}

function parse(text: string): RecordingOrder | undefined {
  try {
    const { pid, folder, sql } = JSON.parse(text);
    if (typeof pid !== 'number' || typeof folder !== 'string') return undefined;
    return { pid, folder, sql: sql === true };
  } catch {
    return undefined;
  }
}
