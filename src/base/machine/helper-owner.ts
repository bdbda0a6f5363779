import { codeOf, messageOf } from '../errors';
import type { HelperMessage } from './helper-process';

type OwnersMessage<R, T> = { readonly id: number; readonly request: R } | { readonly told: T };

/**
 * In a helper process: does what its owner asks for, and ends with it.
 *
 * @param hears gets what the owner tells without asking
 * @returns what tells the owner something
 */
export function serveOwner<R, T = never>(
  serve: (request: R) => Promise<unknown>,
  hears: (told: T) => void = () => {},
): (told: object) => void {
  const send = (message: HelperMessage) => {
    process.send?.(message, undefined, undefined, () => {});
  };
  process.on('message', (message: OwnersMessage<R, T>) => {
    if ('told' in message) {
      hears(message.told);
      return;
    }
    const { id, request } = message;
    serve(request).then(
      (result) => send({ id, result }),
      (error: unknown) => send({ id, problem: { message: messageOf(error), code: codeOf(error) } }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.on('uncaughtException', (error) => {
    const died = error.stack ?? messageOf(error);
    process.send?.({ died } satisfies HelperMessage, () => process.exit(1));
  });
  // Ctrl-C in a terminal is meant for the owner.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  return (told) => send({ told });
}
