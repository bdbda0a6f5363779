import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { systemEnv } from '../engine/debian';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of the machine's Chromium, if it has one. */
export function findChromium(): string | undefined {
  const folders = (systemEnv().PATH ?? '').split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env.CHROMIUM ?? '', ...paths].find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}

/** A page that a test looks at, and all that it complained of or asked for. */
export interface Opened {
  readonly page: Page;
  /** Errors of scripts, messages at the console, dialogs. */
  readonly complaints: string[];
  /** What was asked for, the page itself aside. */
  readonly requests: string[];
  /** How long the page has kept a processor busy since it was opened. */
  busyMs(): Promise<number>;
}

/** One browser for a test file. */
export class Window {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pg-cluster-browser-'));
  #browser: Browser | undefined;

  async start(): Promise<void> {
    // Chromium's own sandbox does not start as root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.#browser = await chromium.launch({ executablePath: findChromium() ?? '', args });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Opens the page from a file, as a user does. */
  async open(html: string, options: BrowserContextOptions = {}, hash = ''): Promise<Opened> {
    const file = join(this.#folder, 'page.html');
    writeFileSync(file, html);
    const url = pathToFileURL(file).href;
    const opened = await this.#prepare(options, url);
    await opened.page.goto(url + hash);
    if (options.javaScriptEnabled !== false) await untilDrawn(opened.page);
    return opened;
  }

  /** Opens the page as a server gives it that forbids what `policy` says. */
  async openUnder(policy: string, html: string): Promise<Opened> {
    const url = 'http://page.invalid/';
    const opened = await this.#prepare({}, url);
    await opened.page.route(url, (route) =>
      route.fulfill({
        body: html,
        contentType: 'text/html; charset=utf-8',
        headers: { 'Content-Security-Policy': policy },
      }),
    );
    await opened.page.goto(url);
    return opened;
  }

  async #prepare(options: BrowserContextOptions, url: string): Promise<Opened> {
    if (!this.#browser) throw new Error('The browser was not started');
    const viewport = { width: 1280, height: 900 };
    const context = await this.#browser.newContext({ viewport, ...options });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    page.on('request', (request) => {
      if (request.url() !== url) requests.push(request.url());
    });
    const busyMs = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
    };
    return { page, complaints, requests, busyMs };
  }
}

/** The page's script puts words in their places right before the first frame, which nobody waits for. */
function untilDrawn(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}
