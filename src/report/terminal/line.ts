/** Foreground colours of a terminal, by their SGR numbers. */
export type Colour = 'plain' | 'bold' | 'grey' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan';

const sgr: Readonly<Record<Colour, string>> = {
  plain: '',
  bold: '1',
  grey: '90',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  cyan: '36',
};

interface Cell {
  readonly char: string;
  readonly colour: Colour;
  /** A ground may be written over, words and marks may not. */
  readonly isGround: boolean;
}

/** A line of a terminal, on which one can write anywhere. */
export class Line {
  readonly #cells: (Cell | undefined)[];

  constructor(readonly columns: number) {
    this.#cells = Array.from({ length: columns }, () => undefined);
  }

  fill(from: number, to: number, char: string, colour: Colour): void {
    for (let at = Math.max(0, from); at < Math.min(to, this.columns); at++) {
      this.#cells[at] = { char, colour, isGround: true };
    }
  }

  put(at: number, text: string, colour: Colour): void {
    let column = at;
    for (const char of harmless(text)) {
      const width = widthOf(char);
      if (column >= 0 && column + width <= this.columns) {
        this.#cells[column] = { char, colour, isGround: false };
        // The second half of a wide letter holds nothing of its own.
        if (width === 2) this.#cells[column + 1] = { char: '', colour, isGround: false };
      }
      column += width;
    }
  }

  /** Writes where there is room for all of it, as far left as it can; false if there is none. */
  putWithin(from: number, to: number, text: string, colour: Colour): boolean {
    const width = textWidth(text);
    for (let at = Math.max(0, from); at + width <= Math.min(to, this.columns); at++) {
      if (this.#isFree(at, at + width)) {
        this.put(at, text, colour);
        return true;
      }
    }
    return false;
  }

  #isFree(from: number, to: number): boolean {
    return this.#cells.slice(from, to).every((cell) => cell === undefined || cell.isGround);
  }

  toString(colours: boolean): string {
    let last: Colour = 'plain';
    let text = '';
    const end = this.#cells.findLastIndex((cell) => cell !== undefined) + 1;
    for (const cell of this.#cells.slice(0, end)) {
      const colour = cell?.colour ?? 'plain';
      if (colours && colour !== last)
        text += `\u001b[0${colour === 'plain' ? '' : `;${sgr[colour]}`}m`;
      last = colour;
      text += cell?.char ?? ' ';
    }
    return colours && last !== 'plain' ? `${text}\u001b[0m` : text;
  }
}

/** Text of somebody else: nothing in it may move the cursor or turn the direction of a line. */
function harmless(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{Cc}|\p{Cf}|\p{Cs}|\p{Mn}/gu, '');
}

export function textWidth(text: string): number {
  return [...harmless(text)].reduce((sum, char) => sum + widthOf(char), 0);
}

/** Two for East Asian letters and emoji, as terminals have it. */
function widthOf(char: string): number {
  const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
  return wide.test(char) ? 2 : 1;
}

/** As much of a text as fits, with a sign that there is more. */
export function cut(text: string, width: number, more: string): string {
  if (textWidth(text) <= width) return text;
  let short = '';
  for (const char of harmless(text)) {
    if (textWidth(short + char) > width - textWidth(more)) break;
    short += char;
  }
  return short + more;
}

const asciiOf: Readonly<Record<string, string>> = {
  '›': '>',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '×': 'x',
};

/** For terminals that have no other letters; columns stay where they are. */
export function inAscii(text: string): string {
  // Controls are those of the colours: there are no others any more.
  return text.replace(/[^\p{Cc} -~]/gu, (char) => asciiOf[char] ?? '?'.repeat(widthOf(char)));
}
