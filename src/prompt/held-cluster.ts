import { newId } from '../base/new-id';
import type { Cluster } from '../cluster/cluster';
import { Door } from './door';
import type { DoorNote } from './door-file';
import type { PromptPlace } from './place';
import { Prompt, welcome } from './prompt';

/** A cluster that is there for people, from this process and from others, until somebody ends it. */
export class HeldCluster {
  readonly id = newId().slice(0, 6);
  readonly cluster: Cluster;
  /** Resolves when somebody has asked for its end, from outside. */
  readonly endAsked: Promise<void>;
  #askForEnd = () => {};
  #door: Door | undefined;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.endAsked = new Promise((resolve) => {
      this.#askForEnd = resolve;
    });
  }

  static async open(
    cluster: Cluster,
    about: Pick<DoorNote, 'what' | 'folder' | 'run'>,
  ): Promise<HeldCluster> {
    const held = new HeldCluster(cluster);
    const prompt = (place: PromptPlace) => held.prompt(place);
    const end = () => held.#askForEnd();
    held.#door = await Door.open({ id: held.id, ...about }, { prompt, end });
    return held;
  }

  /** Opens a prompt, which begins with what there is. */
  prompt(place: PromptPlace): Prompt {
    const prompt = new Prompt(this.cluster, place);
    void prompt.begin(place.isTerminal ? `\n${welcome}\n\n` : '\n');
    return prompt;
  }

  /** Who looks at it from outside is sent away; whoever asked for its end hears that it has come. */
  close(): void {
    this.#door?.close();
  }
}
