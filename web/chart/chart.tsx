/** A chart as SVG: axes, marks, a legend, a description for who cannot see it, and the same numbers as a table. */
import type { ReactNode } from 'react';
import type { Axis } from './axis.ts';

/** Drawing units: small, so that labels stay readable when a phone scales the picture down. */
const WIDTH = 360;
const HEIGHT = 240;
const LEFT = 48;
const RIGHT = 20;
const TOP = 10;
const BOTTOM = 40;

/** From data to drawing units; y grows upwards. */
export type Frame = { readonly x: (value: number) => number; readonly y: (value: number) => number };

export function Chart({
  title,
  description,
  x,
  y,
  legend = [],
  children,
  control,
  table,
}: {
  readonly title: string;
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Words and the class that colours them. */
  readonly legend?: readonly (readonly [words: string, className: string])[];
  readonly children: (at: Frame) => ReactNode;
  /** What changes the picture, beneath it. */
  readonly control?: ReactNode;
  readonly table: ReactNode;
}) {
  const at: Frame = {
    x: (value) => unit(LEFT + ((value - x.low) / (x.high - x.low)) * (WIDTH - LEFT - RIGHT)),
    y: (value) => unit(HEIGHT - BOTTOM - ((value - y.low) / (y.high - y.low)) * (HEIGHT - TOP - BOTTOM)),
  };
  const [left, right, bottom, top] = [at.x(x.low), at.x(x.high), at.y(y.low), at.y(y.high)];
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}. ${description}`}>
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line className="grid" x1={left} x2={right} y1={at.y(tick)} y2={at.y(tick)} />
            <text x={left - 6} y={at.y(tick) + 4} textAnchor="end">
              {y.format(tick)}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text key={tick} x={at.x(tick)} y={bottom + 15} textAnchor="middle">
            {x.format(tick)}
          </text>
        ))}
        <line className="axis" x1={left} x2={right} y1={bottom} y2={bottom} />
        <text className="axis-name" x={(left + right) / 2} y={HEIGHT - 6} textAnchor="middle">
          {x.label}
        </text>
        <text
          className="axis-name"
          transform={`translate(11 ${(top + bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {y.label}
        </text>
        {children(at)}
      </svg>
      {legend.length === 0 ? null : (
        <ul className="legend">
          {legend.map(([words, className]) => (
            <li key={words}>
              <span className={`key ${className}`} aria-hidden="true" />
              {words}
            </li>
          ))}
        </ul>
      )}
      {control}
      <details>
        <summary>As a table</summary>
        {table}
      </details>
    </figure>
  );
}

/** @param points - in data units */
export function Line({
  at,
  points,
  className,
}: {
  readonly at: Frame;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly className: string;
}) {
  return (
    <polyline
      className={`line ${className}`}
      points={points.map(([x, y]) => `${at.x(x)},${at.y(y)}`).join(' ')}
    />
  );
}

/** The range of each point, from its low to its high end, as an area. @param points - in data units */
export function Band({
  at,
  points,
  className,
}: {
  readonly at: Frame;
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
  readonly className: string;
}) {
  const there = points.map(([x, , high]) => `${at.x(x)},${at.y(high)}`);
  const back = points.toReversed().map(([x, low]) => `${at.x(x)},${at.y(low)}`);
  return <polygon className={`band ${className}`} points={[...there, ...back].join(' ')} />;
}

/** A point with the range that it may lie in. */
export function Dot({
  at,
  x,
  y,
  range,
}: {
  readonly at: Frame;
  readonly x: number;
  readonly y: number;
  readonly range: { readonly low: number; readonly high: number } | null;
}) {
  return (
    <>
      {range === null ? null : (
        <line className="whisker" x1={at.x(x)} x2={at.x(x)} y1={at.y(range.low)} y2={at.y(range.high)} />
      )}
      <circle className="dot" cx={at.x(x)} cy={at.y(y)} r={3.2} />
    </>
  );
}

const unit = (value: number): number => Number(value.toFixed(2));
