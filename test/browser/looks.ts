/** What is asked of a page in the browser itself: each function must stand alone. */

/** Words of a picture that run into others, or out of it. */
export function overlaps(selector: string): string[] {
  const picture = document.querySelector(selector);
  if (!picture) return ['there is no picture'];
  const plot = picture.getBoundingClientRect();
  const words = [...(picture.closest('.canvas')?.querySelectorAll('text') ?? [])]
    .filter((text) => !text.closest('use') && text.textContent !== '')
    .map((text) => ({ text, box: text.getBoundingClientRect(), said: text.textContent ?? '' }))
    .filter(({ box }) => box.width > 0 && box.right > plot.left - 90 && box.left < plot.right);
  const cut = words
    .filter(({ text, box }) => {
      const own = text.ownerSVGElement?.closest('td')?.getBoundingClientRect() ?? plot;
      return box.left < own.left - 1 || box.right > own.right + 1;
    })
    .map(({ said }) => `${said} is cut off`);
  const pairs = words.flatMap((a, index) =>
    words
      .slice(index + 1)
      // Boxes are a little higher than the letters in them.
      .filter(({ box }) => box.left < a.box.right && a.box.left < box.right)
      .filter(({ box }) => box.top + 3 < a.box.bottom && a.box.top + 3 < box.bottom)
      .map((b) => `${a.said} and ${b.said}`),
  );
  return [...cut, ...pairs];
}

/** Words that stand out too little from what they lie on: less than 4.5, as WCAG has it. */
export function contrasts(selector: string): string[] {
  const rgb = (colour: string) => colour.match(/[\d.]+/g)?.map(Number) ?? [];
  const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a: string, b: string) => {
    const [high = 0, low = 0] = [luminance(rgb(a)), luminance(rgb(b))].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const picture = document.querySelector(selector);
  const card = getComputedStyle(picture?.closest('.file') ?? document.body).backgroundColor;
  const texts = [...(picture?.closest('.canvas')?.querySelectorAll('text') ?? [])];
  return texts
    .filter((text) => !text.closest('use') && text.getBoundingClientRect().width > 0)
    .flatMap((text) => {
      const { left, top, width, height } = text.getBoundingClientRect();
      const [x, y] = [left + 4, top + height / 2];
      const grounds = [...(picture?.querySelectorAll('[data-m] rect') ?? [])].filter((rect) => {
        const box = rect.getBoundingClientRect();
        const fill = getComputedStyle(rect).fill;
        return (
          box.left <= x &&
          box.right >= x &&
          box.top <= y &&
          box.bottom >= y &&
          fill.startsWith('rgb(')
        );
      });
      const ground = grounds.at(-1);
      const below = ground ? getComputedStyle(ground).fill : card;
      const found = ratio(getComputedStyle(text).fill, below);
      return width > 0 && found < 4.5
        ? [`${text.textContent}: ${found.toFixed(1)} on ${below}`]
        : [];
    });
}
