import type { Item } from '../../picture/items';
import { type Paint, paint } from '../palette';
import { drawLabel } from './label';
import type { Marker } from './marked';
import type { TimeScale } from './time-scale';

/** What a node was, as the ground of its lane: master, slave, or a dashed void where it stopped. */
export function drawGrounds(
  roles: readonly Item[],
  arrivals: readonly number[],
  top: number,
  height: number,
  scale: TimeScale,
  marker: Marker,
): string {
  return roles
    .map((role) => {
      const { attributes, title } = marker.mark(role);
      const isVoid = role.look === 'stopped';
      const x = `x="${scale.x(role.from)}" width="${scale.width(role.from, role.until)}"`;
      const box = `y="${top + 0.5}" height="${height - 1}" rx="4"`;
      const rect = `<rect ${paint(paintOf(role))} ${x} ${box}${isVoid ? ' stroke-dasharray="5 4"' : ''} pointer-events="all"/>`;
      const stripes =
        isVoid || role.look === 'paused'
          ? `<rect fill="url(#p-${role.look})" ${x} ${box} pointer-events="none"/>`
          : '';
      const label = drawLabel(
        {
          text: role.label,
          paint: isVoid ? 'muted' : 'ink',
          from: role.from,
          until: role.until,
          room: role.until,
          before: role.from,
          inset: arrivals.some((at) => Math.abs(at - role.from) < 1) ? 13 : 7,
          y: top + 14,
          isStrong: role.label.startsWith('master') && !isVoid,
        },
        scale,
      );
      return `<g ${attributes}>${title}${rect}${stripes}</g>${label}`;
    })
    .join('');
}

function paintOf(role: Item): Paint {
  if (role.look === 'stopped') return 'stopped';
  return role.label.startsWith('master') ? 'master' : 'slave';
}
