import type { JSX } from 'preact';
import { formatTick, formatValue } from '../format.ts';
import type { Line } from './choose-chart.ts';
import { linearScale, niceTicks } from './scale.ts';
import { useWidth } from './use-width.ts';

interface LineChartProps {
  readonly title: string;
  readonly description: string;
  readonly measure: string;
  readonly lines: readonly Line[];
}

const HEIGHT = 300;
const MARGIN = { top: 12, right: 14, bottom: 28, left: 56 };
const MOST_DOTS = 60;

/** Lines over points in time, told apart by colour and by dash, with a legend. */
export function LineChart({ title, description, measure, lines }: LineChartProps): JSX.Element {
  const [element, width] = useWidth(640);
  const times = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort();
  const ticks = niceTicks(lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const x = linearScale([0, Math.max(1, times.length - 1)], [MARGIN.left, width - MARGIN.right]);
  const y = linearScale([ticks[0] ?? 0, ticks.at(-1) ?? 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const indexOf = new Map(times.map((at, index) => [at, index]));
  const at = (time: string): number => x(indexOf.get(time) ?? 0);
  return (
    <div>
      <div class="chart" ref={element} style={{ height: `${HEIGHT}px` }}>
        <svg width={width} height={HEIGHT} role="img" aria-label={`${title}. ${description}`}>
          {ticks.map((tick) => (
            <g key={tick}>
              <line
                class={tick === 0 ? 'axis' : 'grid'}
                x1={MARGIN.left}
                x2={width - MARGIN.right}
                y1={y(tick)}
                y2={y(tick)}
              />
              <text class="tick" x={MARGIN.left - 8} y={y(tick) + 4} text-anchor="end">
                {formatTick(tick, measure)}
              </text>
            </g>
          ))}
          {spread(times, Math.max(2, Math.floor(width / 110))).map((time, index, all) => (
            <text
              key={time}
              class="tick"
              x={at(time)}
              y={HEIGHT - 8}
              text-anchor={index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle'}
            >
              {time}
            </text>
          ))}
          {lines.map(({ name, points }, index) => (
            <g key={name} class={`series series-${index}`}>
              <path class="line" d={pathOf(points.map(({ at: time, value }) => [at(time), y(value)]))} />
              {points.length <= MOST_DOTS &&
                points.map(({ at: time, value }) => (
                  <circle key={time} class="dot" cx={at(time)} cy={y(value)} r={3.2}>
                    <title>{`${name}, ${time}: ${formatValue(value, measure)}`}</title>
                  </circle>
                ))}
            </g>
          ))}
        </svg>
      </div>
      {lines.length > 1 && (
        <ul class="legend" aria-label="Lines">
          {lines.map(({ name }, index) => (
            <li key={name} class={`series-${index}`}>
              <svg width="22" height="8" aria-hidden="true">
                <line class="line" x1="0" x2="22" y1="4" y2="4" />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function pathOf(points: readonly (readonly [number, number])[]): string {
  return points.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${px.toFixed(1)},${py.toFixed(1)}`).join('');
}

/** At most so many of the items, evenly spread, the first and the last among them. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))] as T);
}
