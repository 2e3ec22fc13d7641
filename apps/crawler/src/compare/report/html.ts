import { showBytes, showCount, showTime } from '../../cli/units.ts';
import type { Analysis } from '../analysis/analyse.ts';
import { aUnit, sentence, showFailures, showPages, unit } from '../analysis/words.ts';
import type { Comparison } from '../result.ts';
import { escapeHtml as text, escapeProse as prose, scriptJson } from './escape.ts';
import { plotLibrary, program } from './program.ts';
import { STYLE } from './style.ts';
import { commandTable, crossoverTable, pointTable } from './tables.ts';
import { viewOf } from './view.ts';

/**
 * The comparison as one page that needs nothing else: no network, no server. What it says in words and tables is there without a
 * program; the pictures are drawn by one that is in it, as is all of the data.
 */
export function htmlReport(comparison: Comparison, analysis: Analysis): string {
  const library = plotLibrary();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="switchyard ${text(comparison.environment.switchyard)}">
<link rel="icon" href="data:,">
<title>${text(comparison.title)}: ${text(analysis.headline)}</title>
<style>${library.style}${STYLE}</style>
</head>
<body>
<div class="page">
${top(comparison, analysis)}
<main>
${verdict(analysis)}
<div class="controls" role="group" aria-label="What the charts show"><div id="points"></div><div id="engines" role="group" aria-label="Engines that are shown"></div></div>
${pictures(comparison, analysis)}
${against(analysis)}
${allFigures(comparison, analysis)}
${circumstances(comparison)}
</main>
</div>
<script type="application/json" id="comparison">${scriptJson(comparison)}</script>
<script type="application/json" id="view">${scriptJson(viewOf(comparison, analysis))}</script>
<script>${library.script}</script>
<script>${program()}</script>
</body>
</html>
`;
}

function top(comparison: Comparison, { headline }: Analysis): string {
  const runs = Math.max(0, ...comparison.cells.map((cell) => cell.runs.length));
  const engines = new Set(comparison.cells.map(({ setting }) => setting.engine)).size;
  const day = comparison.started.replace(/T(\d\d:\d\d).*/, ' $1 UTC');
  const choice = (value: string, name: string, checked = ''): string =>
    `<label><input type="radio" name="theme" value="${value}"${checked}><span>${name}</span></label>`;
  return `<header>
<div class="top">
<p class="eyebrow"><b>Switchyard comparison</b> &middot; ${text(comparison.title)}<br>${engines} ${engines === 1 ? 'engine' : 'engines'}, ${showPages(comparison)}, ${runs} ${runs === 1 ? 'run' : 'runs'} each &middot; ${text(day)}</p>
<fieldset class="choice" id="theme"><legend class="unseen">Colours</legend>${choice('system', 'System', ' checked')}${choice('light', 'Light')}${choice('dark', 'Dark')}</fieldset>
</div>
<h1${headline.length > 90 ? ' class="long"' : ''}>${prose(headline)}</h1>
</header>`;
}

function verdict(analysis: Analysis): string {
  const warnings =
    analysis.warnings.length === 0
      ? ''
      : `<div class="warnings" role="note"><h2>Before you believe it</h2><ul>${analysis.warnings.map((one) => `<li>${prose(one)}</li>`).join('')}</ul></div>`;
  const [only] = analysis.points;
  const single =
    analysis.points.length === 1 && only !== undefined ? `<p class="lead">${prose(only.verdict)}</p>` : '';
  return `<div class="verdict">
${single}
<p class="quiet">${prose(analysis.reach)}</p>
${warnings}
</div>`;
}

/** A place for a chart, and one for its figures. */
const chart = (id: string, title: string, about: string): string =>
  `<div class="chart"><h3>${title}</h3><p class="quiet">${about}</p><div id="${id}"></div><div id="${id}-figures"></div></div>`;

function pictures(comparison: Comparison, analysis: Analysis): string {
  const noun = unit(comparison);
  const many = analysis.points.length > 1;
  const here = many
    ? `<p class="quiet">At <span class="point-label">${text(analysis.points[0]?.label ?? '')}</span>.</p>`
    : '';
  return `<section class="needs-program" id="lanes-part">
<h2>What was in flight</h2>
${here}
<p class="quiet">Each line is a place for one ${noun}, in the lane of the thread or process that did it; time goes to the right. Who waits for one answer after the other has gaps; who has one core for everything has ${noun}s queueing for it. Workers that are more than the cores share these: their work takes longer.</p>
<div class="legend" aria-hidden="true"><span><i style="opacity:.2"></i>waiting for the answer</span><span><i style="opacity:.45"></i>there, waiting for the worker</span><span><i></i>at work</span><span><i class="thin"></i>when the worker was at work at all</span></div>
<div id="lanes"></div>
<div id="lanes-figures"></div>
</section>
<section class="needs-program">
<h2>Throughput</h2>
${analysis.points.map(({ verdict: words }, index) => (many ? `<p data-point="${index}"${index === 0 ? '' : ' hidden'}>${prose(words)}</p>` : '')).join('')}
<p class="quiet">${sentence(noun)}s a second: median, with the interval that holds it with 95 % certainty. Intervals that overlap are no difference.</p>
<div id="throughput"></div>
</section>
${comparison.kind === 'tasks' ? '' : crossover(analysis)}
<section class="needs-program">
<h2>Latency</h2>
${here}
<div class="pair">
${chart('response', 'Response', comparison.kind === 'tasks' ? 'From the start of an item to its result, where it was done.' : 'From the start of a fetch to its last byte, as the engine sees it.')}
${chart('due', 'From when it was due', `From when the ${noun} could have started, had there been a place, to its outcome.`)}
</div>
</section>
<section class="needs-program">
<h2>What it costs</h2>
${here}
<div class="pair half">
<div class="half"><h3>CPU time ${aUnit(comparison)}, ms</h3><p class="quiet">All threads and processes; user, then system in a lighter shade.</p><div id="cpu"></div></div>
<div class="half"><h3>Memory, MB</h3><p class="quiet">Most at once, of the whole tree of processes.</p><div id="memory"></div></div>
</div>
</section>
<section class="needs-program" id="times">
<h2>Over the time of a run</h2>
${here}
<div class="pair">
${chart('in-flight', 'In flight', `${sentence(noun)}s under way at once.`)}
${chart('cores', 'Cores in use', 'By the whole tree of processes.')}
${chart('memory-time', 'Memory', 'Of the whole tree, in MB.')}
${chart('lag', 'Event loop lag', 'How late the main thread was.')}
</div>
</section>`;
}

function crossover(analysis: Analysis): string {
  if (analysis.points.length < 2) return '';
  const table = analysis.crossovers.length === 0 ? '' : crossoverTable(analysis.crossovers);
  return `<section id="crossover">
<h2>Where pools overtake coroutines</h2>
${analysis.crossovers.length === 0 ? '' : '<p class="quiet">A thread that needs longer for a page than latency / in flight cannot keep up with the answers: from there on a second core can win. What a page costs besides its work is taken off; then the pool has to earn its own costs.</p>'}
${table}
<div class="needs-program" id="across-work-part">${chart('across-work', 'Over the work of a page', 'Pages a second, both axes bent so that small and large are seen; to read the links and no more is 0 ms. The band is what the intervals leave open of the crossover.')}</div>
<div class="needs-program" id="across-latency-part">${chart('across-latency', 'Over the latency', 'Pages a second with the chosen work.')}</div>
</section>`;
}

function against({ unsuited }: Analysis): string {
  const rows = unsuited.map(({ setting, reasons }) => {
    const words =
      reasons.length === 0
        ? 'This run has no case against it.'
        : `<ul>${reasons.map((reason) => `<li>${prose(sentence(reason))}.</li>`).join('')}</ul>`;
    return `<dt>${text(setting)}</dt><dd>${words}</dd>`;
  });
  return `<section>
<h2>When each is the wrong choice</h2>
<p class="quiet">By what was seen here, at equal terms.</p>
<dl class="against">${rows.join('')}</dl>
</section>`;
}

function allFigures(comparison: Comparison, analysis: Analysis): string {
  const parts = analysis.points.map((point, index) => {
    const failed = showFailures(point.standings.map(({ cell }) => cell)).map((one) => `<p>${text(one)}.</p>`);
    return `<details class="for-print"${index === 0 ? ' open' : ''}><summary>${text(point.label)}</summary>
<p>${prose(point.verdict)}</p>${failed.join('')}
${point.winners.length > 0 ? pointTable(comparison, point) : ''}</details>`;
  });
  return `<section>
<h2>All figures</h2>
<p class="quiet">Medians of the clean runs. Those that share a place cannot be told from the first of them.</p>
${parts.join('\n')}
<div class="downloads"><button type="button" id="download-json">Download all data (JSON)</button><button type="button" id="download-csv">Download the runs (CSV)</button></div>
</section>`;
}

function circumstances(comparison: Comparison): string {
  const { environment: machine, capacity } = comparison;
  const rows: readonly (readonly [string, string])[] = [
    ['subject', comparison.subjects.join(', ')],
    ['CPU', `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`],
    ['memory', showBytes(machine.memory)],
    ['system', machine.system],
    ['Node', `${machine.node}, V8 ${machine.v8}`],
    ['Switchyard', machine.switchyard],
    ['load at the start', machine.load.join(', ')],
    ['seed', String(comparison.seed)],
    ['took', showTime(comparison.took)],
    ...(capacity === null
      ? []
      : [['server by itself', `${showCount(Math.round(capacity))} requests/s`] as const]),
  ];
  return `<section>
<h2>Circumstances</h2>
<table class="words"><tbody>${rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${text(value)}</td></tr>`).join('')}</tbody></table>
<h3 style="margin-top:22px">The command</h3>
<pre><code>${text(comparison.command)}</code></pre>
<details><summary>The command of each cell</summary>${commandTable(comparison)}</details>
</section>`;
}
