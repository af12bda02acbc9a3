import type { JSX } from 'preact';
import { formatTick, formatValue } from '../format.ts';
import type { Bar } from './choose-chart.ts';
import { linearScale, niceTicks } from './scale.ts';
import { useWidth } from './use-width.ts';

interface BarChartProps {
  readonly title: string;
  readonly description: string;
  readonly measure: string;
  readonly bars: readonly Bar[];
}

const ROW = 28;
const BAR = 16;
const TOP = 4;
const BOTTOM = 26;

/** Horizontal bars, the largest first. */
export function BarChart({ title, description, measure, bars }: BarChartProps): JSX.Element {
  const [element, width] = useWidth(640);
  const longest = Math.max(4, ...bars.map(({ label }) => label.length));
  const left = Math.min(width * 0.42, longest * 7.9 + 14);
  const height = TOP + bars.length * ROW + BOTTOM;
  const ticks = niceTicks(bars.map(({ value }) => value));
  const x = linearScale([ticks[0] ?? 0, ticks.at(-1) ?? 1], [left, width - 58]);
  const visibleTicks = ticks.filter((_, index) => width > 480 || index % 2 === 0);
  return (
    <div class="chart" ref={element} style={{ height: `${height}px` }}>
      <svg width={width} height={height} role="img" aria-label={`${title}. ${description}`}>
        {visibleTicks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={x(tick)} x2={x(tick)} y1={TOP} y2={height - BOTTOM} />
            <text class="tick" x={x(tick)} y={height - 8} text-anchor="middle">
              {formatTick(tick, measure)}
            </text>
          </g>
        ))}
        {bars.map(({ label, value }, index) => {
          const y = TOP + index * ROW + (ROW - BAR) / 2;
          const end = Math.max(x(0), x(value));
          return (
            <g key={label}>
              <text class="label" x={left - 8} y={y + BAR - 4} text-anchor="end">
                {shorten(label, Math.floor((left - 12) / 7.4))}
              </text>
              <rect
                class="bar"
                x={Math.min(x(0), x(value))}
                y={y}
                width={Math.abs(x(value) - x(0))}
                height={BAR}
                rx={3}
              >
                <title>{`${label}: ${formatValue(value, measure)}`}</title>
              </rect>
              <text class="value" x={end + 6} y={y + BAR - 4}>
                {formatTick(value, measure)}
              </text>
            </g>
          );
        })}
        <line class="axis" x1={x(0)} x2={x(0)} y1={TOP} y2={height - BOTTOM} />
      </svg>
    </div>
  );
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}
