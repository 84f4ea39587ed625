/** The style sheet. Colours have a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), in light and dark. */
export const style = `:root {
  color-scheme: light dark;
  --ground: #ffffff; --card: #f4f5f7; --line: #c9ced6; --text: #1c2128; --faint: #57606a;
  --good: #116329; --bad: #a40e26; --busy: #7d4e00;
  --line0: #0550ae; --line1: #a40e26; --line2: #7d4e00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --line: #3d444d; --text: #e6edf3; --faint: #9da7b3;
    --good: #56d364; --bad: #ff9492; --busy: #e3b341;
    --line0: #79c0ff; --line1: #ff9492; --line2: #e3b341;
  }
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1rem; max-width: 80rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; }
ul, ol { margin: .25rem 0; padding-left: 1.25rem; }
header p { color: var(--faint); }
main { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
code, pre, .log { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { white-space: pre-wrap; margin: .25rem 0; padding: .5rem; border-left: 3px solid var(--line); }
.state { font-size: 1.25rem; }
.detail { white-space: pre-wrap; }
.mark.good { color: var(--good); }
.mark.bad { color: var(--bad); }
.mark.busy { color: var(--busy); }
.cards, .plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); }
.cards, .checks, .events, .log, .legend { list-style: none; padding: 0; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
figure svg:not(.key) { display: block; width: 100%; height: 6rem; border-bottom: 1px solid var(--line); border-top: 1px dashed var(--line); }
path { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line0 { stroke: var(--line0); }
.line1 { stroke: var(--line1); stroke-dasharray: 6 3; }
.line2 { stroke: var(--line2); stroke-dasharray: 2 3; }
.key { width: 1.5rem; margin-right: .25rem; height: .25rem; vertical-align: middle; }
.top, .axis { color: var(--faint); font-size: .875rem; margin: 0; }
.axis { display: flex; justify-content: space-between; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .875rem; }
.scrolls { overflow: auto; max-height: 24rem; overflow-wrap: normal; }
.scrolls:focus-visible { outline: 3px solid var(--line0); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody th { font-weight: 400; }
.log li { overflow-wrap: anywhere; white-space: pre-wrap; }
.log .part, time { color: var(--faint); }
.log .warn .level { color: var(--busy); font-weight: 600; }
.log .error .level { color: var(--bad); font-weight: 600; }
.lost #connection { color: var(--bad); font-weight: 600; }
@media (min-width: 64rem) {
  main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  #state, #load, #probes, #workers, #webhooks, #messages, #commands, #log { grid-column: 1 / -1; }
}
`;

/** The page's icon. */
export const icon =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#0550ae"/>` +
  `<path d="M3 8a5 5 0 0 1 9-3M13 8a5 5 0 0 1-9 3" fill="none" stroke="#fff" stroke-width="2"/></svg>`;
