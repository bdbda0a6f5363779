/**
 * Text of somebody else, for HTML and for attributes in double quotes. Controls have no place in
 * HTML, and those that turn the direction of what follows would turn the page: both are shown as
 * what they are.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => entities[char] ?? char)
    .replace(unfit, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Newline and tab are fit. A surrogate that stands alone cannot be written as UTF-8.
const unfit =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that we look for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
