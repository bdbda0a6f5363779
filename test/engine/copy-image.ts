import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';

/** Copies images from one engine to another. The answer begins long before that is done. */
export async function copyImages(
  from: Docker,
  to: Docker,
  images: readonly string[],
): Promise<void> {
  const names = images.map((image) => `names=${encodeURIComponent(image)}`).join('&');
  const archive = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    from.modem.dial(
      {
        // The client takes the last character away.
        path: `/images/get?${names}&`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
      },
      (error, stream) => (error ? reject(error) : resolve(stream as NodeJS.ReadableStream)),
    );
  });
  const said = await text(await to.loadImage(archive));
  if (/"error"/.test(said)) throw new Error(`${images.join(', ')} cannot be copied: ${said}`);
}
