/** @jsxImportSource hono/jsx */
// Keys are for what is rendered again in its place.
// deno-lint-ignore-file jsx-key
/**
 * The status page as HTML: whole, and by its sections.
 *
 * @module
 */
import { html } from "hono/html";
import type { FC } from "hono/jsx";
import type { StatusModel } from "./model.ts";
import { type SectionOf, sections } from "./sections.tsx";

/** The HTML of each section, by its id; and the title of the page. */
export type Rendered = Readonly<Record<string, string>>;

/** Renders all sections, and the title. */
export function renderSections(model: StatusModel): Rendered {
  const rendered = sections.map(({ id, content: Content }) =>
    [id, String(<Content model={model} />)] as const
  );
  return { title: titleOf(model), ...Object.fromEntries(rendered) };
}

/** Renders the whole page. Its addresses are relative: a proxy may have it below a path. */
export function renderPage(model: StatusModel): string {
  return String(html`<!DOCTYPE html>${<Page model={model} />}`);
}

function titleOf({ phase, hostname }: StatusModel): string {
  return `${phase} – ${hostname} – Hurricane`;
}

const Page: FC<{ model: StatusModel }> = ({ model }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{titleOf(model)}</title>
      <link rel="icon" type="image/svg+xml" href="status/icon.svg" />
      <link rel="stylesheet" href="status/style.css" />
      <script src="status/script.js" defer></script>
    </head>
    <body>
      <header>
        <h1>{model.hostname}</h1>
        <p>
          Hurricane {model.version} on {model.runtime}
        </p>
        <p id="connection" role="status">
          This is how it was when the page was loaded: without JavaScript, load it again.
        </p>
      </header>
      <main>
        {sections.map((section) => <Section section={section} model={model} />)}
      </main>
    </body>
  </html>
);

const Section: FC<{ section: SectionOf; model: StatusModel }> = ({ section, model }) => {
  const { id, title, content: Content, announced, scrolls } = section;
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div
        data-live={id}
        {...announced ? { role: "status" } : {}}
        {...scrolls
          ? { class: "scrolls", tabindex: 0, role: "group", "aria-labelledby": `${id}-title` }
          : {}}
      >
        <Content model={model} />
      </div>
    </section>
  );
};
