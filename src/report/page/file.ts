import { type Chapter, chaptersOf } from '../picture/chapters';
import { tell } from '../picture/picture';
import type { Recording } from '../reading/recording';
import { writeChapter, writeLine } from './chapter';
import { escapeHtml } from './escape';

/** A recording with its chapters, and its place in the page. */
export interface FilePart {
  readonly recording: Recording;
  readonly chapters: readonly Chapter[];
  readonly key: string;
}

/** In the order in which one wants to see them: what failed, what was killed, what passed. */
export function filesOf(recordings: readonly Recording[]): readonly FilePart[] {
  return recordings
    .map((recording) => ({ recording, chapters: chaptersOf(recording) }))
    .sort((a, b) => rank(a.chapters) - rank(b.chapters) || inOrder(a.recording, b.recording))
    .map((part, index) => ({ ...part, key: `f${index + 1}` }));
}

function rank(chapters: readonly Chapter[]): number {
  if (chapters.some(({ outcome }) => outcome === 'failed')) return 0;
  return chapters.some(({ outcome }) => outcome === 'unfinished') ? 1 : 2;
}

function inOrder({ begin: a }: Recording, { begin: b }: Recording): number {
  return a.file.localeCompare(b.file, 'en') || a.startedAt - b.startedAt;
}

export function hasPassed({ chapters }: FilePart): boolean {
  return rank(chapters) === 2;
}

export interface FileOptions {
  readonly isDrawn: (chapter: Chapter) => boolean;
  readonly isOpen: (id: string) => boolean;
  readonly mostItems: number | null;
}

export function writeFile(part: FilePart, options: FileOptions): string {
  const { recording, chapters, key } = part;
  const drawn = chapters.filter(options.isDrawn);
  const told = drawn.length > 0 ? tell(recording) : undefined;
  const others = chapters.filter((chapter) => !drawn.includes(chapter));
  const pictures = drawn.map((chapter) => {
    const id = idOf(part, chapter);
    const { mostItems } = options;
    return told ? writeChapter(chapter, told, { id, isOpen: options.isOpen(id), mostItems }) : '';
  });
  const list = others.length === 0 ? '' : `<ul>${others.map(writeLine).join('\n')}</ul>`;
  const none = chapters.length === 0 ? '<p class="note">No test has run.</p>' : '';
  return `<section class="file" id="${key}"><h2><bdi>${escapeHtml(recording.begin.file)}</bdi></h2>
<p class="muted">${about(recording)}</p>
${problemsOf(recording)}${pictures.join('\n')}${list}${none}</section>`;
}

export function idOf(part: FilePart, chapter: Chapter): string {
  return `${part.key}-${chapter.key}`;
}

/** Where and when. */
function about({ begin }: Recording): string {
  const { project, engine, postgres, worker, shard, startedAt, nodes } = begin;
  const started = new Date(startedAt);
  // Not a valid moment can be in a broken header only; the page is worth more than that.
  const at = Number.isNaN(started.getTime()) ? '' : started.toISOString();
  return [
    project !== null && `project ${project}`,
    `${engine}${postgres === null ? '' : `, PostgreSQL ${postgres}`}`,
    `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`,
    `worker ${worker}`,
    shard !== null && `shard ${shard}`,
    at !== '' && `began ${at.slice(0, 10)} ${at.slice(11, 23)} UTC`,
  ]
    .filter((word) => word !== false)
    .map((word) => `<bdi>${escapeHtml(word)}</bdi>`)
    .join(' · ');
}

function problemsOf({ problems, isWhole }: Recording): string {
  const all = [...(isWhole ? [] : ['its process was killed']), ...problems];
  if (all.length === 0) return '';
  return `<p class="note">Of this recording: <bdi>${escapeHtml(all.join('; '))}</bdi>.</p>\n`;
}
