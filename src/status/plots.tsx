/** @jsxImportSource hono/jsx */
// Keys are for what is rendered again in its place.
// deno-lint-ignore-file jsx-key
/**
 * The plots of the status page.
 *
 * @module
 */
import type { FC } from "hono/jsx";
import { bytes, duration, rounded } from "./format.ts";
import type { StatusModel } from "./model.ts";
import { linePath, niceCeiling, plotHeight, plotWidth } from "./plot.ts";
import { keptSamples, type Sample } from "./samples.ts";

/** A line of a plot. */
interface Line {
  name: string;
  of(sample: Sample): number | undefined;
}

/** What a plot is about. */
interface Plot {
  title: string;
  lines: readonly Line[];
  /** A number as text. */
  show(value: number): string;
  /** How far the scale goes where all is less. */
  least: number;
}

const perSecond = (value: number): string => `${rounded(value)}/s`;

const requests: Plot = {
  title: "Requests a second",
  lines: [
    { name: "answered", of: (sample) => sample.requests },
    { name: "with 500 and above", of: (sample) => sample.failed },
    { name: "refused", of: (sample) => sample.shed },
  ],
  show: perSecond,
  least: 10,
};

const latency: Plot = {
  title: "Time to answer",
  lines: [
    { name: "50 %", of: (sample) => sample.p50 },
    { name: "95 %", of: (sample) => sample.p95 },
    { name: "99 %", of: (sample) => sample.p99 },
  ],
  show: duration,
  least: 0.01,
};

const queue: Plot = {
  title: "Request queue",
  lines: [
    { name: "in the handler", of: (sample) => sample.handler },
    { name: "in the kernel", of: (sample) => sample.kernel },
  ],
  show: rounded,
  least: 10,
};

const loop: Plot = {
  title: "Event-loop delay",
  lines: [{ name: "the latest worker", of: (sample) => sample.loopDelay }],
  show: duration,
  least: 0.1,
};

const mebibyte = 2 ** 20;

const memory: Plot = {
  title: "Memory",
  lines: [{
    name: "all workers",
    of: (sample) => sample.memory === undefined ? undefined : sample.memory / mebibyte,
  }],
  show: (value) => bytes(value * mebibyte),
  least: 100,
};

/** All plots: of requests only where they are counted. */
export const Plots: FC<{ model: StatusModel }> = ({ model: { samples, counts } }) => (
  <>
    {counts
      ? [requests, latency].map((plot) => <PlotFigure plot={plot} samples={samples} />)
      : <p>Requests are not counted (--no-metrics).</p>}
    {[queue, loop, memory].map((plot) => <PlotFigure plot={plot} samples={samples} />)}
  </>
);

const minutes = Math.round(keptSamples / 60);

const PlotFigure: FC<{ plot: Plot; samples: readonly Sample[] }> = ({ plot, samples }) => {
  const { title, lines, show, least } = plot;
  const series = lines.map(({ name, of }) => ({ name, values: samples.map(of) }));
  const all = series.flatMap(({ values }) => values).filter((value) => value !== undefined);
  const most = niceCeiling(Math.max(0, ...all), least);
  const now = (values: readonly (number | undefined)[]): string => {
    const last = values.at(-1);
    return last === undefined ? "–" : show(last);
  };
  const said = series.map(({ name, values }) => `${name} ${now(values)}`).join(", ");
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <p class="top" aria-hidden="true">{show(most)}</p>
      <svg
        role="img"
        aria-label={`${title}, the last ${minutes} minutes. Now: ${said}; at most ${
          show(Math.max(0, ...all))
        }.`}
        viewBox={`0 0 ${plotWidth} ${plotHeight}`}
        preserveAspectRatio="none"
      >
        {series.map(({ values }, index) => (
          <path class={`line${index}`} d={linePath(values, keptSamples, most)} />
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>{minutes} min ago</span>
        <span>now</span>
      </p>
      <ul class="legend">
        {series.map(({ name, values }, index) => (
          <li>
            <svg class="key" viewBox="0 0 24 4" aria-hidden="true">
              <path class={`line${index}`} d="M0 2L24 2" />
            </svg>
            {name} <b>{now(values)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
};
