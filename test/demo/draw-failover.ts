import type { ClusterEvent } from '../../src/cluster/timeline';

/** What a run of test/demo/failover has noted. All times are in ms since the epoch. */
export interface Recording {
  readonly beganAt: number;
  readonly endedAt: number;
  readonly acts: readonly ClusterEvent[];
  /** Every change of what a node is. */
  readonly roles: readonly { node: string; is: 'master' | 'slave' | 'stopped'; at: number }[];
  readonly writes: readonly { node: string; outcome: 'acknowledged' | 'failed'; at: number }[];
}

const width = 880;
const left = 64;
const right = 18;
const top = 62;
const laneHeight = 54;
const barHeight = 24;
const tickHeight = 9;

/** A lane for each node, what it was as bars, writes as ticks below, acts as marks across all. */
export function drawFailover(recording: Recording): string {
  const { beganAt, endedAt } = recording;
  const nodes = [...new Set(recording.roles.map(({ node }) => node))].sort();
  const bottom = top + nodes.length * laneHeight;
  const x = (at: number) =>
    round(left + ((at - beganAt) / (endedAt - beganAt)) * (width - left - right));
  const y = (node: string) => top + nodes.indexOf(node) * laneHeight;

  const acts = recording.acts
    .filter(({ act }) => labels[act] !== undefined)
    .map((event) => drawAct(event, x, bottom));
  const lanes = nodes.map((node) => {
    const own = recording.roles.filter((role) => role.node === node);
    const bars = own.map(({ is, at }, index) => {
      const to = own[index + 1]?.at ?? endedAt;
      return drawBar(is, x(Math.max(at, beganAt)), x(to), y(node));
    });
    return `<text class="node" x="16" y="${y(node) + 17}">${node}</text>${bars.join('')}`;
  });
  const ticks = recording.writes
    .filter(({ at }) => at >= beganAt && at <= endedAt)
    .map(({ node, outcome, at }) => {
      const from = y(node) + barHeight + 4;
      return `<path class="${outcome}" d="M${x(at)} ${from}v${tickHeight}"/>`;
    });

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 64}" font-family="${font}" font-size="13">
<title>A failover, as a test saw it</title>
<style>${style}</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${bottom + 63}" rx="8"/>
${acts.join('\n')}
${lanes.join('\n')}
${ticks.join('\n')}
${drawAxis(recording, x, bottom)}
${drawLegend(recording, bottom + 46)}
</svg>
`;
}

/** Those that are shown, as a test writes them. */
const labels: Readonly<Record<string, string>> = {
  kill: 'killMaster()',
  failover: 'failover()',
  rejoin: "rejoin('pg0')",
};

function drawAct(event: ClusterEvent, x: (at: number) => number, bottom: number): string {
  const from = x(event.startedAt);
  const to = x(event.endedAt ?? event.startedAt);
  const took = (event.endedAt ?? event.startedAt) - event.startedAt;
  const label = `<text class="act" x="${from}" y="26">${labels[event.act]}</text>
<text class="took" x="${from}" y="43">${took} ms</text>`;
  const mark = `<rect class="${event.act}" x="${from}" y="50" width="${round(Math.max(2, to - from))}" height="${bottom - 52}"/>`;
  return `${mark}\n${label}`;
}

function drawBar(is: string, from: number, to: number, y: number): string {
  const inset = is === 'stopped' ? 0.5 : 0;
  const bar = `<rect class="${is}" x="${from + inset}" y="${y + inset}" width="${round(Math.max(1, to - from - 2 * inset))}" height="${barHeight - 2 * inset}" rx="3"/>`;
  const isRoomy = to - from > 58;
  return isRoomy ? `${bar}<text class="on-${is}" x="${from + 8}" y="${y + 17}">${is}</text>` : bar;
}

function drawAxis({ beganAt, endedAt }: Recording, x: (at: number) => number, y: number): string {
  const step = endedAt - beganAt > 1200 ? 250 : 100;
  const marks: string[] = [];
  for (let ms = 0; ms <= endedAt - beganAt - step / 3; ms += step) {
    marks.push(`<text class="took" x="${x(beganAt + ms)}" y="${y + 12}">${ms} ms</text>`);
  }
  return marks.join('');
}

function drawLegend({ writes }: Recording, y: number): string {
  const count = (outcome: string) => writes.filter((write) => write.outcome === outcome).length;
  return `<path class="acknowledged" d="M${left} ${y - 9}v${tickHeight}"/><text x="${left + 8}" y="${y}">${count('acknowledged')} writes acknowledged, in the end all are on every node</text>
<path class="failed" d="M${left + 450} ${y - 9}v${tickHeight}"/><text x="${left + 458}" y="${y}">${count('failed')} writes failed, and the client got an error</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const font = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";

// On a card of its own it is legible on any page, whatever the reader's system asks for.
const style = `
.card{fill:#fff;stroke:#d0d7de}text{fill:#1f2328}.took{fill:#59636e;font-size:12px}.node,.act{font-weight:600}
.master{fill:#0969da}.on-master{fill:#fff;font-weight:600}.slave{fill:#c8e1ff}.on-slave{fill:#0a3069}
.stopped{fill:none;stroke:#8c959f;stroke-dasharray:4 3}.on-stopped{fill:#59636e}
.kill{fill:#cf222e;fill-opacity:.22}.failover,.rejoin{fill:#818b98;fill-opacity:.16}
.acknowledged{stroke:#1a7f37;stroke-width:2}.failed{stroke:#cf222e;stroke-width:2}
@media (prefers-color-scheme:dark){
.card{fill:#0d1117;stroke:#3d444d}text{fill:#e6edf3}.took{fill:#9198a1}
.master{fill:#1f6feb}.on-master{fill:#fff}.slave{fill:#1c3a5e}.on-slave{fill:#c8e1ff}.on-stopped{fill:#9198a1}
.acknowledged{stroke:#3fb950}.failed{stroke:#f85149}.kill{fill:#f85149;fill-opacity:.35}
}`;
