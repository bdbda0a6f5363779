import { escapeHtml } from '../escape';
import { inkOf } from '../palette';

/** A part of a plot, from its top down. */
export interface Drawing {
  readonly svg: string;
  readonly height: number;
}

export interface DrawnLane extends Drawing {
  /** What stands left of it. */
  readonly names: string;
}

export function laneName(name: string, y: number, isStrong = false): string {
  return `<text ${inkOf('ink', 'name')} x="0" y="${y}"${isStrong ? ' font-weight="700"' : ''}>${escapeHtml(name)}</text>`;
}

export function rowName(name: string, y: number): string {
  return `<text ${inkOf('muted', 'row')} x="0" y="${y}">${escapeHtml(name)}</text>`;
}
