import { amount, type Figures, rowOf } from './figures';
import { starts, startTitle, suites, suiteTitle } from './readme-tables';

const width = 880;
const left = 300;
const right = 84;
const rowHeight = 24;
const barHeight = 15;

interface Bar {
  readonly label: string;
  readonly seconds: number;
  readonly text: string;
}

/** The README's two tables of whole runs as bars: this beside what it is compared with. */
export function drawChart(figures: Figures): string {
  const bar = (title: string, label: string, name: string): Bar => {
    const { median, unit } = rowOf(figures, title, name);
    return { label: label.replaceAll('`', ''), seconds: median, text: amount(median, unit) };
  };
  const panels = [
    {
      title: 'One master and two slaves, until both stream',
      bars: starts.map(([label, name = '']) => bar(startTitle, label, name)),
    },
    {
      title: '20 small test files, two workers, from start to end',
      bars: suites.flatMap(([label, docker = '', local = '']) => [
        bar(suiteTitle, local === '' ? label : `${label}, in Docker`, docker),
        ...(local === '' ? [] : [bar(suiteTitle, `${label}, local`, local)]),
      ]),
    },
  ];
  let y = 16;
  const drawn = panels.map(({ title, bars }) => {
    const from = y;
    y += 34 + bars.length * rowHeight + 10;
    return drawPanel(title, bars, from);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="${font}" font-size="13">
<title>What clusters and suites take, beside others</title>
<style>${style}</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${y - 1}" rx="8"/>
${drawn.join('\n')}
</svg>
`;
}

/** What the chart shows, for those who do not see it. */
export function describeChart(figures: Figures): string {
  const start = (name: string) => amount(rowOf(figures, startTitle, name).median, 's');
  const suite = (name: string) => amount(rowOf(figures, suiteTitle, name).median, 's');
  return `Bars of the first and the third table. Until both slaves stream, this takes ${start('this, docker, 1 + 2')} in Docker and ${start('this, local, 1 + 2')} local, the recipe of 2015 ${start('recipe of 2015, 1 + 2')}. For 20 small test files the recipe takes ${suite('recipe of 2015 per file, 1 + 2')}, this ${suite('this, docker, lifetime worker, 1 + 2')} in Docker and ${suite('this, local, lifetime worker, 1 + 2')} local.`;
}

function drawPanel(title: string, bars: readonly Bar[], from: number): string {
  const longest = Math.max(...bars.map(({ seconds }) => seconds));
  const rows = bars.map(({ label, seconds, text }, index) => {
    const y = from + 30 + index * rowHeight;
    const length = Math.max(2, Math.round((seconds / longest) * (width - left - right)));
    return `<text class="label" x="${left - 10}" y="${y + 12}">${escaped(label)}</text><rect class="${kindOf(label)}" x="${left}" y="${y}" width="${length}" height="${barHeight}" rx="2"/><text class="took" x="${left + length + 8}" y="${y + 12}">${text}</text>`;
  });
  return `<text class="title" x="16" y="${from + 14}">${escaped(title)}</text>\n${rows.join('\n')}`;
}

function kindOf(label: string): string {
  if (label.startsWith('this')) return 'this';
  return label.startsWith('three bare') ? 'floor' : 'other';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const font = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";

// On a card of its own it is legible on any page, whatever the reader's system asks for.
const style = `
.card{fill:#fff;stroke:#d0d7de}text{fill:#1f2328}.title{font-weight:600}.label{text-anchor:end}.took{fill:#59636e}
.this{fill:#0969da}.other{fill:#afb8c1}.floor{fill:none;stroke:#8c959f;stroke-dasharray:4 3}
@media (prefers-color-scheme:dark){
.card{fill:#0d1117;stroke:#3d444d}text{fill:#e6edf3}.took{fill:#9198a1}.this{fill:#1f6feb}.other{fill:#59636e}
}`;
