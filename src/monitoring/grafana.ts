/**
 * Grafana's side of a dashboard: its shapes, and how panels are laid out.
 *
 * @module
 */

/** As `Dashboard` of the package `@grafana/schema` has it, as far as it is needed here. */
export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  timezone: "browser";
  schemaVersion: number;
  editable: boolean;
  refresh: string;
  time: { from: string; to: string };
  templating: { list: Variable[] };
  annotations: { list: [] };
  panels: (Row | Panel)[];
}

/** What the reader can choose. */
export interface Variable {
  name: string;
  label: string;
  type: "datasource" | "query";
  query: string | { query: string; refId: string };
  datasource?: DataSource;
  refresh?: 2;
  includeAll?: boolean;
  multi?: boolean;
  allValue?: string;
  current: { text: string; value: string };
}

interface DataSource {
  type: "prometheus";
  uid: string;
}

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A heading. */
export interface Row {
  type: "row";
  id: number;
  title: string;
  collapsed: false;
  gridPos: Place;
  panels: [];
}

/** A plot, or a single figure. */
export interface Panel {
  type: "timeseries" | "stat";
  id: number;
  title: string;
  description: string;
  gridPos: Place;
  datasource: DataSource;
  targets: { refId: string; expr: string; legendFormat: string; datasource: DataSource }[];
  fieldConfig: {
    defaults: {
      unit: string;
      min?: number;
      custom?: { fillOpacity: number; stacking?: { mode: "normal"; group: "A" } };
    };
    overrides: [];
  };
  options: Record<string, unknown>;
}

/** What a panel shows. */
export interface Shown {
  title: string;
  /** What a high or low value means. */
  description: string;
  /** A unit of Grafana's: `reqps`, `s`, `bytes`, `percentunit`, `short`. */
  unit: string;
  /** The queries by their legends. */
  queries: Record<string, string>;
  stacked?: boolean;
  /** Only the last value, large. */
  single?: boolean;
}

/** The data source that the reader has chosen. */
export const source: DataSource = { type: "prometheus", uid: "${datasource}" };

/** Puts panels beside each other, 24 columns wide, each row below its heading. */
export function laidOut(rows: Record<string, Shown[]>): (Row | Panel)[] {
  const height = 8;
  let id = 0;
  let y = 0;
  return Object.entries(rows).flatMap(([title, shown]) => {
    const heading: Row = {
      type: "row",
      id: ++id,
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: 24, h: 1 },
      panels: [],
    };
    const w = Math.floor(24 / shown.length);
    const panels = shown.map((one, index) => {
      const place = { x: index * w, y, w, h: height };
      return panel(++id, place, one);
    });
    y += height;
    return [heading, ...panels];
  });
}

function panel(
  id: number,
  gridPos: Place,
  { title, description, unit, queries, stacked = false, single = false }: Shown,
): Panel {
  return {
    type: single ? "stat" : "timeseries",
    id,
    title,
    description,
    gridPos,
    datasource: source,
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      expr,
      legendFormat,
      datasource: source,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(single ? {} : {
          custom: {
            fillOpacity: stacked ? 40 : 10,
            ...(stacked ? { stacking: { mode: "normal" as const, group: "A" as const } } : {}),
          },
        }),
      },
      overrides: [],
    },
    options: single ? { reduceOptions: { calcs: ["lastNotNull"] } } : {
      legend: { displayMode: "list", placement: "bottom" },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}
