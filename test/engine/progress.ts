import { createInterface } from 'node:readline';

interface Progress {
  stream?: string;
  status?: string;
  error?: string;
}

/**
 * Reads the engine's answer to a pull, import or build to its end and returns the last status.
 * Throws what the engine reports: such an answer has status 200 even if the work failed.
 */
export async function readProgress(
  answer: NodeJS.ReadableStream,
  onProgress: () => void = () => undefined,
): Promise<string> {
  let status = '';
  let output = '';
  const broken = new Promise<never>((_, reject) => answer.once('error', reject));
  // It is raced below; this keeps it from counting as unhandled when nobody races any more.
  broken.catch(() => undefined);
  const lines = createInterface({ input: answer })[Symbol.asyncIterator]();
  for (;;) {
    // readline ends quietly when its input breaks off, which would look like success.
    const { value: line, done } = await Promise.race([lines.next(), broken]);
    if (done) return status;
    if (line.trim() === '') continue;
    onProgress();
    const progress = JSON.parse(line) as Progress;
    if (progress.stream) output += progress.stream;
    if (progress.error) throw new Error(`${progress.error}${output && `\n${tail(output)}`}`);
    status = progress.status ?? status;
  }
}

function tail(output: string): string {
  return output.trim().split('\n').slice(-15).join('\n');
}
