/** Of the report. Colours are named by what they are for; each has a value for light and one for dark. */
export const STYLE = `
:root {
  LIGHT
}
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { DARK } }
:root[data-theme='dark'] { DARK }
@media print { :root, :root:not([data-theme='light']), :root[data-theme='dark'] { LIGHT --paper: #ffffff; } }

* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
  font-variant-numeric: tabular-nums;
}
[hidden] { display: none !important; }
.unseen, legend.unseen { position: absolute; left: 0; top: 0; padding: 0; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.page { max-width: 1080px; margin: 0 auto; padding: 40px 28px 80px; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }

.top { display: flex; justify-content: space-between; align-items: start; gap: 20px; flex-wrap: wrap; }
.eyebrow { margin: 0; color: var(--muted); font-size: 14px; }
.eyebrow b { color: var(--ink); font-weight: 600; }
h1 { font-size: clamp(26px, 4.2vw, 40px); line-height: 1.18; letter-spacing: -.018em; font-weight: 650; margin: 26px 0 14px; max-width: 24em; text-wrap: balance; }
h1.long { font-size: clamp(22px, 3vw, 29px); line-height: 1.28; max-width: 34em; }
h2 { font-size: 22px; line-height: 1.3; letter-spacing: -.01em; font-weight: 650; margin: 0 0 6px; }
h3 { font-size: 15px; font-weight: 650; margin: 0 0 4px; }
p { margin: 0 0 10px; max-width: 70ch; }
p, li, .words td, h1 { overflow-wrap: anywhere; }
.lead { font-size: 18px; }
.quiet { color: var(--muted); font-size: 14.5px; }
section { margin-top: 56px; }
.warnings { margin: 22px 0 0; padding: 14px 18px; background: var(--warn-paper); color: var(--warn); border-radius: 8px; font-size: 15px; max-width: 76ch; }
.warnings ul { margin: 4px 0 0; padding-left: 20px; }
.warnings h2 { font-size: 15px; margin: 0; }

fieldset { position: relative; border: 0; margin: 0; padding: 0; min-width: 0; display: flex; align-items: center; }
legend { float: left; padding: 0 10px 0 0; color: var(--muted); font-size: 14px; }
.choice label { cursor: pointer; font-size: 14px; }
.choice label span { display: block; padding: 4px 12px; border: 1px solid var(--line); margin-left: -1px; background: var(--surface); min-height: 32px; }
.choice label:first-of-type span { border-radius: 7px 0 0 7px; }
.choice label:last-of-type span { border-radius: 0 7px 7px 0; }
.choice input { position: absolute; opacity: 0; pointer-events: none; }
.choice input:checked + span { background: var(--ink); color: var(--paper); border-color: var(--ink); }
.choice input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
.choice input:disabled + span { color: var(--muted); text-decoration: line-through; cursor: not-allowed; }
button { font: inherit; font-size: 14px; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 7px; padding: 5px 13px; cursor: pointer; min-height: 34px; }
button:hover { border-color: var(--muted); }

.controls { display: none; }
.live .controls { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; gap: 10px 26px; margin: 44px -28px 0; padding: 12px 28px; background: var(--paper); border-bottom: 1px solid var(--line); }
#points:empty { display: none; }
#points { display: flex; flex-wrap: wrap; gap: 10px 22px; }
#engines { display: flex; flex-wrap: wrap; gap: 6px; }
.engine { display: inline-flex; align-items: center; gap: 8px; padding: 4px 11px; }
.engine[aria-pressed='false'] { color: var(--muted); text-decoration: line-through; background: transparent; }
.engine[aria-pressed='false'] svg { opacity: .3; }
.swatch { vertical-align: -1px; flex: none; }
.live .controls + section { margin-top: 36px; }
.live #theme { display: flex; } #theme { display: none; }

.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 10px 0 14px; font-size: 14px; color: var(--muted); }
.legend span { display: inline-flex; align-items: center; gap: 8px; }
.legend i { width: 22px; height: 11px; background: var(--ink); border-radius: 2px; }
.legend i.thin { height: 4px; border-radius: 0; }
.panel { margin: 0 0 16px; break-inside: avoid; }
.panel-head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; font-size: 14px; margin-bottom: 5px; }
.panel-head span { color: var(--muted); } .panel-head b { font-weight: 600; display: inline-flex; align-items: center; gap: 8px; white-space: pre; }
.panel-body { display: grid; grid-template-columns: 84px minmax(0, 1fr); }
.panel-names { position: relative; font-size: 12px; color: var(--muted); }
.panel-names span { position: absolute; left: 0; right: 8px; display: flex; align-items: center; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.panel canvas { display: block; width: 100%; cursor: crosshair; }

table { border-collapse: collapse; font-size: 14.5px; }
th { text-align: left; font-weight: 500; } thead th { color: var(--muted); font-weight: 400; font-size: 13px; }
th, td { padding: 6px 0 6px 22px; border-bottom: 1px solid var(--grid); vertical-align: baseline; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
td, thead th + th { text-align: right; }
tbody tr:last-child > * { border-bottom: 0; }
table.wide { width: 100%; margin-bottom: 14px; }
.chart { margin-top: 20px; } .pair .chart { margin-top: 0; }
#crossover .scroll { margin-bottom: 8px; }
.words td { text-align: left; white-space: normal; }
.scroll { overflow-x: auto; }
.bars { width: 100%; } .bars td.track { width: 60%; padding-right: 0; vertical-align: middle; }
.bars th[scope=row] { white-space: pre; } .bars thead td { border-bottom: 1px solid var(--grid); }
.half .bars td.track { width: 46%; }
.bar { position: relative; height: 16px; min-width: 60px; }
.piece { position: absolute; top: 0; bottom: 0; border-radius: 1px; min-width: 1px; }
.piece-1 { opacity: .5; }
.whisker { position: absolute; top: 2px; bottom: 2px; border: solid var(--ink); border-width: 0 1.5px; min-width: 3px; }
.whisker::before { content: ''; position: absolute; left: 0; right: 0; top: 50%; border-top: 1.5px solid var(--ink); }

.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 28px 40px; margin-top: 16px; }
.pair > div, .chart { min-width: 0; } .chart { break-inside: avoid; }
.uplot, .uplot .u-wrap { max-width: 100%; }
.u-cursor-x { border-right-color: var(--muted) !important; }
details.figures { margin-top: 6px; font-size: 14px; } summary { cursor: pointer; color: var(--muted); font-size: 14px; padding: 4px 0; }
details[open] > summary { margin-bottom: 8px; }
.tip { position: fixed; z-index: 9; pointer-events: none; background: var(--surface); color: var(--ink); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 6px 24px rgba(0, 0, 0, .16); padding: 9px 12px; font-size: 13px; line-height: 1.5; }
.tip-head { color: var(--muted); margin-bottom: 3px; }
.tip-row { display: flex; gap: 10px; align-items: center; } .tip-row b { margin-left: auto; padding-left: 18px; font-weight: 600; }

.against { display: grid; grid-template-columns: minmax(110px, max-content) minmax(0, 1fr); gap: 14px 28px; margin: 14px 0 0; }
.against dt { font-weight: 600; } .against dd { margin: 0; } .against ul { margin: 0; padding-left: 18px; } .against li { max-width: 72ch; }
.first { font-weight: 650; } .place { color: var(--muted); }
code, pre { font: 13px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--lane); padding: 10px 14px; border-radius: 8px; margin: 6px 0 12px; }
.downloads { display: flex; gap: 10px; margin-top: 12px; } .downloads { display: none; } .live .downloads { display: flex; }
.needs-program { display: none; } .live .needs-program { display: block; }

@media screen and (max-width: 720px) {
  .page { padding: 22px 16px 60px; }
  .live .controls { position: static; margin: 32px -16px 0; padding: 12px 16px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .panel-body { grid-template-columns: minmax(0, 1fr); } .panel-names { display: none; }
  .bars th:nth-child(n + 4), .bars td:nth-child(n + 4) { display: none; }
  .bars td.track, .half .bars td.track { width: 40%; } th, td { padding-left: 12px; }
  .against { grid-template-columns: minmax(0, 1fr); gap: 4px; } .against dd { margin-bottom: 12px; }
  .choice { flex-wrap: wrap; } .choice legend { float: none; width: 100%; }
  section { margin-top: 44px; }
}
@media print {
  body { font-size: 11pt; background: #fff; } .page { max-width: none; padding: 0; }
  #points, .live #theme, .live .downloads, details.figures, .tip { display: none !important; }
  .live .controls { position: static; border: 0; margin: 18px 0 0; padding: 0; }
  .engine { border: 0; padding: 0 12px 0 0; min-height: 0; } .engine[aria-pressed='false'] { display: none; }
  section { margin-top: 26px; } h2, h3 { break-after: avoid; } tr, .warnings, .against dd { break-inside: avoid; }
  .pair { grid-template-columns: minmax(0, 1fr); } .pair.half { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .scroll { overflow: visible; } table { font-size: 9pt; } th, td { padding-left: 10px; } table.wide { font-size: 7pt; } table.wide th, table.wide td { padding-left: 6px; font-size: 7pt; } th:first-child, td:first-child, table.wide th:first-child { padding-left: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
  .replaceAll(
    'DARK',
    `color-scheme: dark;
  --paper: #14161a; --surface: #1b1e24; --ink: #e8e6e1; --muted: #a0a6b0; --line: #363b44; --grid: #282c34;
  --lane: #1d2026; --band: rgba(232, 230, 225, .12); --accent: #7db4f5; --warn: #f0c27a; --warn-paper: #2c2416;
  --series-0: #a3abb8; --series-1: #3fc796; --series-2: #6aaeff; --series-3: #f0905a; --series-4: #c39af0;
  --series-5: #e3bd4f; --series-6: #54cbe0; --series-7: #f07fb0;`,
  )
  .replaceAll(
    'LIGHT',
    `color-scheme: light;
  --paper: #fbfaf8; --surface: #ffffff; --ink: #1d2129; --muted: #5d6470; --line: #dddad3; --grid: #ebe8e2;
  --lane: #f4f2ee; --band: rgba(29, 33, 41, .09); --accent: #1f5fae; --warn: #8a4b00; --warn-paper: #fdf3e2;
  --series-0: #6b7280; --series-1: #07875f; --series-2: #1f6fd0; --series-3: #c2541b; --series-4: #8a4fbf;
  --series-5: #94700a; --series-6: #0d7f93; --series-7: #b5316e;`,
  );
