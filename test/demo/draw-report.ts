import { nightColours } from '../../src/report/page/palette';
import { Marker } from '../../src/report/page/svg/marked';
import { drawFields, namesWidth } from '../../src/report/page/svg/picture';
import { symbols } from '../../src/report/page/svg/symbols';
import { chaptersOf } from '../../src/report/picture/chapters';
import { pictureOf, tell } from '../../src/report/picture/picture';
import type { Recording } from '../../src/report/reading/recording';

const width = 1180;
const edge = 12;

/** The picture of the one test of a recording, as the page of the report has it, alone. */
export function drawReport(recording: Recording): string {
  const [chapter] = chaptersOf(recording);
  if (!chapter) throw new Error(`no test of ${recording.begin.file} was recorded`);
  const picture = pictureOf(tell(recording), chapter);
  const items = picture.lanes.flatMap((lane) => lane.items);
  const marker = new Marker('picture', chapter.zero, items);
  const { names, plot, height: inner } = drawFields(picture, chapter, marker);
  const height = inner + 2 * edge;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">
<title>The report on a test that failed</title>
<style>.card{fill:#fff;stroke:#d5dce4}@media (prefers-color-scheme:dark){.card{fill:#11161d;stroke:#2a333f}${nightColours()}}</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${symbols}
<svg x="${edge}" y="${edge}" width="${namesWidth}">${names}</svg>
<svg x="${edge + namesWidth}" y="${edge}" width="${width - namesWidth - 2 * edge}">${plot}</svg>
</svg>
`;
}
