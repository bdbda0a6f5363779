import { spawn } from 'node:child_process';

/** A watched run that fails again and again opens one page, which can be loaded again. */
const opened = new Set<string>();

/** Opens a page in the user's browser, if there is one; nobody waits for it. */
export function openPage(url: string): void {
  if (opened.has(url)) return;
  opened.add(url);
  const [command, ...args] = openerOf(process.platform);
  // Without a desktop there is no such program, and the URL is printed anyway.
  spawn(command, [...args, url], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}

function openerOf(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['cmd', '/c', 'start', '""'] : ['xdg-open'];
}
