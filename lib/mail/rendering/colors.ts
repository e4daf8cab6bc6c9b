/** The color of a company that has chosen none. */
const DEFAULT_COLOR = '#1f4e79';

/** The contrast that WCAG 2.2 asks of text is 4.5; a little more leaves room for rounding. */
const READABLE = 4.6;

/** Red, green and blue of `#rrggbb`, from 0 to 255. */
const channelsOf = (color: string): number[] =>
  [1, 3, 5].map((index) => Number.parseInt(color.slice(index, index + 2), 16));

/** The shares of red, green and blue in what the eye sees as brightness. */
const LUMINANCE = [0.2126, 0.7152, 0.0722] as const;

/** Relative luminance as WCAG 2.2 defines it: 0 for black, 1 for white. */
function luminance(color: string): number {
  const linear = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return LUMINANCE.reduce((sum, share, index) => sum + share * (linear[index] ?? 0), 0);
}

/** Contrast of two colors as WCAG 2.2 defines it, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Black or white, whichever has more contrast to the color. */
export function textOn(color: string): '#ffffff' | '#000000' {
  return contrast(color, '#ffffff') >= contrast(color, '#000000') ? '#ffffff' : '#000000';
}

/** The color, mixed with as much black or white as it takes to read it on the background. */
export function readableOn(background: string, color: string): string {
  const target = textOn(background);
  for (let percent = 0; percent < 100; percent += 5) {
    const result = mix(color, target, percent / 100);
    if (contrast(result, background) >= READABLE) return result;
  }
  return target;
}

function mix(color: string, other: string, share: number): string {
  const others = channelsOf(other);
  const mixed = channelsOf(color).map((channel, index) =>
    Math.round(channel + ((others[index] ?? 0) - channel) * share),
  );
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** A company's color as `#rrggbb`, or the default. */
export function colorOrDefault(color: string | null | undefined): string {
  return color && /^#[0-9a-f]{6}$/i.test(color) ? color.toLowerCase() : DEFAULT_COLOR;
}
