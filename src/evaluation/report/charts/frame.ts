import { type Html, html } from '../html.ts';
import type { Axis } from './axis.ts';

/** Drawing units: small, so that labels stay readable when a phone scales the picture down. */
export const WIDTH = 360;
export const HEIGHT = 250;
const LEFT = 50;
const RIGHT = 22;
const TOP = 10;
const BOTTOM = 40;

/** Drawing units with two digits. */
export function unit(value: number): string {
  return String(Number(value.toFixed(2)));
}

export type Frame = { readonly x: (value: number) => number; readonly y: (value: number) => number };

/** Maps data to drawing units; y grows upwards. */
export function frameOf(x: Axis, y: Axis): Frame {
  return {
    x: (value) => LEFT + ((value - x.low) / (x.high - x.low)) * (WIDTH - LEFT - RIGHT),
    y: (value) => HEIGHT - BOTTOM - ((value - y.low) / (y.high - y.low)) * (HEIGHT - TOP - BOTTOM),
  };
}

/**
 * A chart with its axes, a caption and, for who cannot see it, a description.
 *
 * @param drawing - marks in drawing units
 * @param legend - beneath the picture
 */
export function chart(parts: {
  readonly title: string;
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly drawing: Html | readonly Html[];
  readonly legend?: readonly { readonly name: string; readonly swatch: string }[];
}): Html {
  const { title, description, x, y, drawing, legend = [] } = parts;
  const at = frameOf(x, y);
  const [bottom, left, right] = [at.y(y.low), at.x(x.low), at.x(x.high)];
  const xTicks = x.ticks.map(
    (tick) =>
      html`<text x="${unit(at.x(tick))}" y="${unit(bottom + 15)}" text-anchor="middle">${x.format(tick)}</text>`,
  );
  const yTicks = y.ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${unit(left)}" x2="${unit(right)}" y1="${unit(at.y(tick))}" y2="${unit(at.y(tick))}"/>
<text x="${unit(left - 6)}" y="${unit(at.y(tick) + 4)}" text-anchor="end">${y.format(tick)}</text>`,
  );
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${title}. ${description}`}">
${yTicks}${xTicks}
<line class="axis" x1="${unit(left)}" x2="${unit(right)}" y1="${unit(bottom)}" y2="${unit(bottom)}"/>
<text class="axis-name" x="${unit((left + right) / 2)}" y="${HEIGHT - 6}" text-anchor="middle">${x.label}</text>
<text class="axis-name" transform="translate(11 ${unit((at.y(y.high) + bottom) / 2)}) rotate(-90)" text-anchor="middle">${y.label}</text>
${drawing}</svg>
${
  legend.length > 0 &&
  html`<ul class="legend">${legend.map(({ name, swatch }) => html`<li><span class="swatch ${swatch}"></span>${name}</li>`)}</ul>`
}</figure>`;
}

/** A polyline through points in data units. */
export function line(at: Frame, points: readonly (readonly [number, number])[], className: string): Html {
  const path = points.map(([x, y]) => `${unit(at.x(x))},${unit(at.y(y))}`).join(' ');
  return html`<polyline class="line ${className}" points="${path}"/>`;
}

/** A dot in data units, with a tooltip. */
export function dot(
  at: Frame,
  [x, y]: readonly [number, number],
  className: string,
  radius: number,
  tip: string,
): Html {
  return html`<circle class="dot ${className}" cx="${unit(at.x(x))}" cy="${unit(at.y(y))}" r="${unit(radius)}"><title>${tip}</title></circle>`;
}
