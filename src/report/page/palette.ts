/** What is drawn in a colour of its own: fill, stroke, and the two in the dark. */
const colours = {
  ink: ['#1c2430', 'none', '#e3e8ef', 'none'],
  muted: ['#5b6675', 'none', '#9aa6b6', 'none'],
  grid: ['none', '#e3e8ee', 'none', '#27303c'],
  rule: ['none', '#cfd6df', 'none', '#39434f'],
  guide: ['none', '#a79be0', 'none', '#6a5cb0'],
  zero: ['none', '#97a3b3', 'none', '#5b6878'],
  master: ['#d4e5fc', '#7fb0ee', '#17335a', '#3b74bd'],
  slave: ['#e9eff4', '#bccad8', '#1d2732', '#3b4a5b'],
  stopped: ['none', '#97a3b3', 'none', '#6b7788'],
  fault: ['#ffdccf', '#d9480f', '#55240f', '#ff9065'],
  act: ['#e7e2fb', '#7358d6', '#2d2558', '#a995fa'],
  hook: ['#e9edf2', '#97a3b3', '#252e39', '#66748a'],
  good: ['#d6efdf', '#2c8a55', '#153a28', '#44b87a'],
  bad: ['#fbdcde', '#cf2233', '#50161d', '#ff6b75'],
  doubtful: ['#fdeec6', '#a86b0b', '#473510', '#e8b04a'],
  endpoint: ['#def1f0', '#3a8f8b', '#133634', '#4fb5b0'],
  done: ['#4f6b8c', '#4f6b8c', '#8fb0d6', '#8fb0d6'],
  failed: ['#cf2233', '#cf2233', '#ff6b75', '#ff6b75'],
  unknown: ['#925c07', '#925c07', '#e8b04a', '#e8b04a'],
  acknowledged: ['#1f7d4b', 'none', '#3fbf80', 'none'],
  lag: ['#0b7f95', '#0b7f95', '#3cc3d8', '#3cc3d8'],
  line: ['#7b8796', '#7b8796', '#8b98a9', '#8b98a9'],
  warning: ['#d99a1c', '#8a5a06', '#e8b04a', '#e8b04a'],
  promoted: ['#2c8a55', 'none', '#44b87a', 'none'],
  followed: ['#5b7fb0', 'none', '#7fa6da', 'none'],
  promotion: ['none', '#2c8a55', 'none', '#44b87a'],
  follows: ['none', '#5b7fb0', 'none', '#7fa6da'],
} as const satisfies Record<string, readonly [string, string, string, string]>;

export type Paint = keyof typeof colours;

/**
 * The attributes of a shape. Its colours by day are attributes, which hold where a page's styles
 * are forbidden; those by night are styles of the class.
 */
export function paint(name: Paint, ...classes: string[]): string {
  const [fill, stroke] = colours[name];
  const strokeAttribute = stroke === 'none' ? '' : ` stroke="${stroke}"`;
  return `class="${['c', name].join('-')}${classes.map((one) => ` ${one}`).join('')}" fill="${fill}"${strokeAttribute}`;
}

/** The same for words, which have no border. */
export function inkOf(name: Paint, ...classes: string[]): string {
  const [fill] = colours[name];
  return `class="${['t', name].join('-')}${classes.map((one) => ` ${one}`).join('')}" fill="${fill}"`;
}

export function fillOf(name: Paint): string {
  return colours[name][0];
}

/** The styles by night. */
export function nightColours(): string {
  return Object.entries(colours)
    .map(
      ([name, [, , fill, stroke]]) =>
        `.c-${name}{fill:${fill};stroke:${stroke}}${fill === 'none' ? '' : `.t-${name}{fill:${fill}}`}`,
    )
    .join('\n');
}
