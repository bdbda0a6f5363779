import { writePage } from '../../src/report/page/write-page';
import { failedFailover } from '../support/failed-failover';
import { busyFile, hostileFile, killedFile, passedFile } from '../support/recordings';
import { Window } from './chromium';
import { ensureChromium } from './ensure-chromium';
import { contrasts, overlaps } from './looks';

const window = new Window();
beforeAll(async () => {
  await ensureChromium();
  await window.start();
}, 600_000);
afterAll(() => window.stop());

const page = writePage([passedFile(), killedFile(), failedFailover()], { keep: 'on-failure' });
const picture = '.test[open] svg.picture';

test('opened from a file it asks for nothing and complains of nothing', async () => {
  const { page: tab, complaints, requests } = await window.open(page);
  await tab.hover('[data-m]');
  await tab.keyboard.press('Tab');
  expect(complaints).toEqual([]);
  expect(requests).toEqual([]);
});

test.each([
  [1280, 'light'],
  [1280, 'dark'],
  [400, 'light'],
  [400, 'dark'],
] as const)(
  'at %d px, %s, no words overlap or are cut off, and they can be read',
  async (width, colorScheme) => {
    const viewport = { width, height: 900 };
    const { page: tab } = await window.open(page, { viewport, colorScheme });
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await tab.evaluate(overlaps, picture)).toEqual([]);
    expect(await tab.evaluate(contrasts, picture)).toEqual([]);
    const background = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(13, 18, 24)' : 'rgb(243, 245, 248)');
  },
);

test.each([1280, 400])(
  'without a script no words overlap at %d px, and all can be read',
  async (width) => {
    const viewport = { width, height: 900 };
    const { page: tab } = await window.open(page, { viewport, javaScriptEnabled: false });
    await tab.getByText('jobs › outlive the master').nth(1).click();
    expect(await tab.getByRole('row').filter({ hasText: 'UPDATE' }).isVisible()).toBe(true);
    // A page whose own script is off still answers the test’s questions.
    expect(await tab.evaluate(overlaps, picture)).toEqual([]);
  },
);

test('a mark is found by keyboard, tells of itself, and leads to its row and back', async () => {
  const { page: tab } = await window.open(page);
  await tab.focus(picture);
  await tab.keyboard.press('End');
  await tab.keyboard.press('ArrowLeft');
  const name = () => tab.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  const id = () => tab.evaluate(() => document.activeElement?.id ?? '');
  const [told, at] = [await name(), await id()];
  expect(told).toMatch(/^(pg\d|ledger 1|writer|reader)/);
  expect(await tab.locator('.tip').first().innerText()).toBe(told);
  await tab.keyboard.press('ArrowUp');
  const above = await id();
  expect(above).not.toBe(at);
  await tab.waitForURL(`**#${above}`);
  await tab.keyboard.press('Enter');
  const row = await tab.evaluate(() => document.activeElement?.closest('tr')?.id);
  expect(row).toBe(`${above}r`);
  await tab.keyboard.press('Enter');
  expect(await id()).toBe(above);
});

test('the keyboard reaches every mark once, in the order of time', async () => {
  const { page: tab } = await window.open(page);
  await tab.focus(picture);
  const marks = await tab.locator(`${picture} [data-m]`).count();
  const seen: number[] = [];
  for (let i = 0; i < marks; i++) {
    await tab.keyboard.press('ArrowRight');
    const id = await tab.evaluate(() => document.activeElement?.id ?? '');
    seen.push(Number(id.split('-').at(-1)));
  }
  expect(seen).toEqual(Array.from({ length: marks }, (_, i) => i + 1));
});

test('the address of a mark opens its test and goes there', async () => {
  const { page: tab } = await window.open(page, {}, '#f2-t2-8');
  expect(await tab.locator('#f2-t2').getAttribute('open')).toBe('');
  expect(await tab.evaluate(() => document.activeElement?.id)).toBe('f2-t2-8');
  await expect(tab.locator('#f2-t2 .tip').innerText()).resolves.toContain('paused');
});

test('keys and the wheel zoom around what one looks at; all is shown again', async () => {
  const { page: tab } = await window.open(page);
  const width = async () =>
    Number.parseFloat((await tab.getAttribute(`${picture} .time`, 'width')) ?? '');
  const ticks = () => tab.locator(`${picture} .ticks text`).allTextContents();
  await tab.focus(picture);
  await tab.keyboard.press('+');
  await tab.keyboard.press('+');
  expect(await width()).toBeCloseTo(400);
  expect(await tab.evaluate(overlaps, picture)).toEqual([]);
  await tab.keyboard.press('0');
  expect(await width()).toBeCloseTo(100);
  const before = await ticks();
  const box = await tab.locator(picture).boundingBox();
  if (!box) throw new Error('The picture is not there');
  await tab.mouse.move(box.x + box.width / 2, box.y + 60);
  for (let i = 0; i < 8; i++) await tab.mouse.wheel(0, -100);
  expect(await width()).toBeGreaterThan(500);
  expect(await ticks()).not.toEqual(before);
});

test('the wheel without the picture’s focus scrolls the page', async () => {
  const { page: tab } = await window.open(page);
  await tab.hover('.picture .ticks', { force: true });
  await tab.mouse.wheel(0, 200);
  await tab.waitForFunction(() => scrollY > 0);
  expect(await tab.getAttribute(`${picture} .time`, 'width')).toBe('100%');
});

test('a crosshair tells the moment and each slave’s lag', async () => {
  const { page: tab } = await window.open(page);
  const box = await tab.locator(picture).boundingBox();
  if (!box) throw new Error('The picture is not there');
  await tab.mouse.move(box.x + box.width * 0.3, box.y + 200);
  const told = await tab.locator(`${picture} .reading`).allTextContents();
  expect(told[0]).toMatch(/^1\.2\d\d s$/);
  expect(told.slice(1)).toEqual(['1.6 MB, 620 ms', '0 B, 0 ms']);
  // What could not be seen is not guessed.
  await tab.mouse.move(box.x + box.width * 0.49, box.y + 200);
  expect(await tab.locator(`${picture} .reading`).allTextContents()).toContain('not observable');
});

test('under a policy as strict as Jenkins’, picture and table are there with their colours', async () => {
  const jenkins = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";
  const { page: tab } = await window.openUnder(jenkins, page);
  const master = tab.locator('.c-master').first();
  expect(await master.getAttribute('fill')).toBe('#d4e5fc');
  const box = await tab.locator('svg.picture').first().boundingBox();
  expect(box?.width).toBeGreaterThan(1000);
  expect(await tab.getByRole('row').filter({ hasText: 'resumeReplay pg1' }).isVisible()).toBe(true);
});

test('10,000 records are opened in time', async () => {
  const big = writePage([busyFile(10_000)], { keep: 'on-failure' });
  const { page: tab, complaints, busyMs } = await window.open(big);
  // Of the processor's time: the machine has more to do than this.
  expect(await busyMs()).toBeLessThan(1500);
  await tab.focus(picture);
  await tab.keyboard.press('End');
  await tab.waitForURL(/#f1-t1-1000\d$/);
  expect(complaints).toEqual([]);
});

test('a long table is made when a mark leads to it, when its address is followed, when it is opened', async () => {
  const big = writePage([busyFile(2000)], { keep: 'on-failure' });
  const { page: tab, complaints } = await window.open(big);
  const rows = () => tab.locator('.table tbody tr').count();
  expect(await rows()).toBe(0);
  await tab.focus(picture);
  await tab.keyboard.press('End');
  await tab.keyboard.press('Enter');
  expect(await rows()).toBeGreaterThan(2000);
  const last = await tab.evaluate(() => document.activeElement?.closest('tr')?.id);
  expect(last).toMatch(/^f1-t1-200\dr$/);

  const { page: followed } = await window.open(big, {}, `#${last}`);
  expect(await followed.evaluate(() => document.activeElement?.closest('tr')?.id)).toBe(last);

  const { page: opened } = await window.open(big);
  await opened.locator('.table summary').click();
  await opened.getByRole('row').nth(2000).waitFor();
  expect(complaints).toEqual([]);

  const { page: still } = await window.open(big, { javaScriptEnabled: false });
  await still.locator('.table summary').click();
  expect(await still.getByRole('row').nth(2000).isVisible()).toBe(true);
});

test('words of others are shown as they are, and nothing of them runs', async () => {
  const hostile = writePage([hostileFile()], { keep: 'always' });
  const { page: tab, complaints, requests } = await window.open(hostile);
  await tab.focus(picture);
  for (let i = 0; i < 12; i++) await tab.keyboard.press('ArrowRight');
  expect(complaints).toEqual([]);
  expect(requests).toEqual([]);
  expect(await tab.locator('script').count()).toBe(1);
  expect(await tab.locator('img').count()).toBe(0);
  expect(await tab.locator('h2').innerText()).toContain('</script><script>alert(1)</script>');
  expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
});
