import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as TarStream from 'tar-stream';
import { contentHash } from '../../../base/content-hash';
import type { Template } from '../../template';
import { shellRules } from './shell-rules';

/** Loaded when it is asked for: who runs local processes needs none of it. */
const tarStream = (): typeof TarStream => require('tar-stream');

/** One file of a build context. */
type ContextFile = readonly [name: string, content: Buffer | string];

const dockerfiles = join(__dirname, '../../../..', 'dockerfiles');
const scriptNames = [
  'birth.sh',
  'bounded-disk.sh',
  'changes.sh',
  'clone.sh',
  'finish-data.sh',
  'initialise.sh',
  'link-programs.sh',
  'make-data-directory.sh',
  'prepare-data.sh',
  'same-directory.sh',
  'save-snapshot.sh',
  'server-process.sh',
  'start-node.sh',
  'stream.pl',
  'stream.sh',
];

/** The scripts of our images, and what they need, as they are in /pg-cluster. */
export function scripts(): ContextFile[] {
  return [
    ...scriptNames.map((name): ContextFile => [name, readFileSync(join(dockerfiles, name))]),
    ['rules.sh', shellRules()],
  ];
}

export interface BuildContext {
  /** Changes with everything that goes into the images but the base image. */
  readonly hash: string;
  master(): Promise<Buffer>;
  /** For a master whose data something else has changed meanwhile. */
  prepared(): Promise<Buffer>;
  slave(): Promise<Buffer>;
}

/** What `docker build` needs for the images of this template: the dockerfiles and the template. */
export function buildContext(template: Template): BuildContext {
  const master: ContextFile[] = [
    ['Dockerfile', readFileSync(join(dockerfiles, 'master', 'Dockerfile'))],
    ['install-nft.sh', readFileSync(join(dockerfiles, 'install-nft.sh'))],
    ...scripts().map(([name, content]): ContextFile => [`pg-cluster/${name}`, content]),
    ['template/postgresql.conf', template.conf],
    ['template/pg_hba.conf', template.hba],
    ['template/bootstrap.sql', template.bootstrapSql],
    ['template/in-database.sql', template.databaseSql],
    ['template/closing.sql', template.closingSql],
    ['template/user', template.user],
    ['template/database', template.database],
    // A number in front keeps the order, whatever the names are; the names are for messages.
    ...template.init.map(
      ({ name, sql }, index): ContextFile => [
        `template/init/${String(index).padStart(4, '0')}-${name.replace(/\.sql$/, '')}.sql`,
        sql,
      ],
    ),
  ];
  const alone = (folder: string): ContextFile[] => [
    ['Dockerfile', readFileSync(join(dockerfiles, folder, 'Dockerfile'))],
  ];
  const [prepared, slave] = [alone('prepared'), alone('slave')];

  return {
    // The whole template, since not all of it need be in a file.
    hash: contentHash({ master, prepared, slave, template }),
    master: () => tar(master),
    prepared: () => tar(prepared),
    slave: () => tar(slave),
  };
}

/** A tar archive of these files. */
export async function tar(files: readonly ContextFile[]): Promise<Buffer> {
  const archive = tarStream().pack();
  for (const [name, content] of files) {
    archive.entry({ name, mode: 0o644, mtime: new Date(0) }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
