import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';

/** Copies an image from one engine to another. The answer begins long before that is done. */
export async function copyImage(from: Docker, to: Docker, image: string): Promise<void> {
  const said = await text(await to.loadImage(await from.getImage(image).get()));
  if (/"error"/.test(said)) throw new Error(`${image} cannot be copied: ${said}`);
}
