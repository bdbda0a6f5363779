/** What lanes are drawn with. */
export interface Signs {
  readonly master: string;
  readonly slave: string;
  readonly stopped: string;
  readonly paused: string;
  readonly fault: string;
  readonly begin: string;
  readonly lasts: string;
  readonly leads: string;
  readonly failed: string;
  readonly passed: string;
  readonly unknown: string;
  readonly hit: string;
  readonly log: string;
  readonly promoted: string;
  readonly tick: string;
  readonly unseen: string;
  readonly more: string;
  readonly minus: string;
  /** From none to most. */
  readonly levels: string;
}

export const unicode: Signs = {
  master: '━',
  slave: '─',
  stopped: ' ',
  paused: '╍',
  fault: '░',
  begin: '▸',
  lasts: '╌',
  leads: '╌',
  failed: '✕',
  passed: '✓',
  unknown: '?',
  hit: '↯',
  log: '!',
  promoted: '▲',
  tick: '╷',
  unseen: '·',
  more: '…',
  minus: '−',
  levels: '▁▂▃▄▅▆▇█',
};

export const ascii: Signs = {
  master: '=',
  slave: '-',
  stopped: ' ',
  paused: '~',
  fault: ':',
  begin: '>',
  lasts: '.',
  leads: '.',
  failed: 'x',
  passed: 'v',
  unknown: '?',
  hit: '#',
  log: '!',
  promoted: '^',
  tick: '|',
  unseen: '.',
  more: '..',
  minus: '-',
  levels: '_.:-=+*#',
};
