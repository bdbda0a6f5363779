import { type Asked, type AskedAbout, Execution } from './asked';
import { boundBy, endOfText, textAt } from './frontend-messages';
import { aboutStatement, frontend } from './message-types';
import type { PreparedNames } from './prepared-names';

/** What has nothing to tell but its type. */
export const sync: Asked = { by: frontend.sync };
export const endOfCopy: Asked = { by: frontend.copyDone };
const functionCall: Asked = { by: frontend.functionCall };

/** What a client asks for with a message; undefined if that has no answer. */
export function readAsked(
  names: PreparedNames,
  type: number,
  bytes: Buffer,
  start: number,
  end: number,
): Asked | undefined {
  switch (type) {
    case frontend.query:
      return new Execution(type, textAt(bytes, start, end), undefined);
    case frontend.parse: {
      const afterName = endOfText(bytes, start, end) + 1;
      return names.prepare(textAt(bytes, start, end), textAt(bytes, afterName, end));
    }
    case frontend.bind: {
      const afterPortal = endOfText(bytes, start, end) + 1;
      const afterStatement = endOfText(bytes, afterPortal, end) + 1;
      const bound = boundBy(bytes, afterStatement, end);
      const statement = textAt(bytes, afterPortal, end);
      return names.bind(textAt(bytes, start, end), statement, bound);
    }
    case frontend.execute: {
      const portal = names.portal(textAt(bytes, start, end));
      return new Execution(type, portal?.prepared.sql ?? '', portal);
    }
    case frontend.describe: {
      const name = textAt(bytes, start + 1, end);
      const isStatement = bytes[start] === aboutStatement;
      const about = isStatement ? names.statement(name) : names.portal(name);
      return { by: type, about } as AskedAbout;
    }
    case frontend.close: {
      const name = textAt(bytes, start + 1, end);
      const isStatement = bytes[start] === aboutStatement;
      return isStatement ? names.closeStatement(name) : names.closePortal(name);
    }
    case frontend.sync:
      return sync;
    case frontend.functionCall:
      return functionCall;
    case frontend.copyDone:
    case frontend.copyFail:
      return endOfCopy;
    default:
      return undefined;
  }
}
