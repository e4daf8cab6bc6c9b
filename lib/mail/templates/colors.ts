/** What a company without a color of its own has. */
export const DEFAULT_COLOR = '#1f4e79';

type Channels = readonly [number, number, number];

function channelsOf(color: string): Channels {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function colorOf(channels: Channels): string {
  return `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance (WCAG 2.2): 0 for black, 1 for white. */
function luminance(color: string): number {
  const [red, green, blue] = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colors (WCAG 2.2), from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Contrast that WCAG asks of text and of what else has to be seen, with a little to spare for rounding. */
const READABLE = 4.6;
export const VISIBLE = 3.1;

/** Black or white, whichever is easier to read on the color. */
export function textOn(color: string): '#ffffff' | '#000000' {
  return contrast(color, '#ffffff') >= contrast(color, '#000000') ? '#ffffff' : '#000000';
}

/** The color, as far towards black or white as it takes to read it on the background. */
export function readableOn(background: string, color: string, enough = READABLE): string {
  const target = channelsOf(textOn(background));
  const own = channelsOf(color);
  for (let step = 0; step <= 20; step++) {
    const mixed = own.map((channel, index) => channel + ((target[index] ?? 0) - channel) * (step / 20));
    const result = colorOf(mixed as unknown as Channels);
    if (contrast(result, background) >= enough) return result;
  }
  return colorOf(target);
}

/** A company's color as `#rrggbb`; ours where it has none. */
export function colorOrDefault(color: string | null | undefined): string {
  return color && /^#[0-9a-f]{6}$/i.test(color) ? color.toLowerCase() : DEFAULT_COLOR;
}
