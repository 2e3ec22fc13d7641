import { drawCosts, drawCrossovers, drawLatencies, drawThroughput, drawTimes } from './charts.js';
import { byId, make } from './dom.js';
import { offerDownloads } from './downloads.js';
import { milliseconds } from './format.js';
import { drawLanes } from './lanes.js';
import { drawn, isShown, redraw, shown, swatch, view } from './state.js';

const root = document.documentElement;
root.classList.add('live');

/** Of what is not the reader's to choose, the system decides. */
function chooseTheme() {
  const box = byId('theme');
  for (const input of box.querySelectorAll('input'))
    input.addEventListener('change', () => {
      if (input.value === 'system') delete root.dataset.theme;
      else root.dataset.theme = input.value;
      redraw();
    });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}

/** On paper everything is light, open, and as wide as the paper. */
function print() {
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  const begin = () => {
    if (shown.printing) return;
    shown.printing = true;
    opened = [...document.querySelectorAll('details.for-print')]
      .filter((one) => one instanceof HTMLDetailsElement)
      .filter((one) => !one.open);
    for (const one of opened) one.open = true;
    redraw();
  };
  const end = () => {
    if (!shown.printing) return;
    shown.printing = false;
    for (const one of opened) one.open = false;
    redraw();
  };
  addEventListener('beforeprint', begin);
  addEventListener('afterprint', end);
  const paper = matchMedia('print');
  paper.addEventListener('change', () => (paper.matches ? begin() : end()));
  if (paper.matches) begin();
}

/** A group of radio buttons for each axis that has more than one place. */
function choosePoint() {
  const host = byId('points');
  const here = () => view.points[shown.point];
  /** @type {(name: string, values: string[], at: () => string, find: (value: string) => number, show: (value: string) => string) => void} */
  const group = (name, values, at, find, show) => {
    if (values.length < 2) return;
    const inputs = values.map((value) =>
      make('input', { type: 'radio', name, value, checked: value === at() }),
    );
    host.append(
      make(
        'fieldset',
        { class: 'choice' },
        make('legend', {}, name),
        ...inputs.map((input) => make('label', {}, input, make('span', {}, show(input.value)))),
      ),
    );
    for (const input of inputs)
      input.addEventListener('change', () => {
        const found = find(input.value);
        if (found < 0) return;
        shown.point = found;
        redraw();
      });
    drawn(() => {
      for (const input of inputs) {
        input.checked = input.value === at();
        input.disabled = find(input.value) < 0;
      }
    });
  };
  const latencies = [...new Set(view.points.map(({ latency }) => String(latency)))];
  const works = [...new Set(view.points.map(({ work }) => work))];
  group(
    'latency',
    latencies,
    () => String(here()?.latency),
    (value) =>
      view.points.findIndex(({ latency, work }) => String(latency) === value && work === here()?.work),
    (value) => (value === 'null' ? 'as it is' : milliseconds(Number(value))),
  );
  group(
    view.unit === 'item' ? 'task' : 'work a page',
    works,
    () => here()?.work ?? '',
    (value) => view.points.findIndex(({ latency, work }) => work === value && latency === here()?.latency),
    (value) => value.replace(/^([\d.]+)ms$/, '$1 ms'),
  );
  drawn(() => {
    for (const part of document.querySelectorAll('[data-point]'))
      part.toggleAttribute(
        'hidden',
        Number(part.getAttribute('data-point')) !== shown.point && !part.classList.contains('for-print'),
      );
    for (const label of document.querySelectorAll('.point-label')) label.textContent = here()?.label ?? '';
  });
}

/** The legend of all charts: what is pressed is drawn. */
function chooseEngines() {
  const host = byId('engines');
  for (const { id, note } of view.looks) {
    const button = make(
      'button',
      { type: 'button', class: 'engine', title: note, 'aria-pressed': 'true' },
      swatch(id),
      make('span', {}, id),
    );
    button.addEventListener('click', () => {
      if (isShown(id)) shown.hidden.add(id);
      else shown.hidden.delete(id);
      button.setAttribute('aria-pressed', String(isShown(id)));
      redraw();
    });
    host.append(button);
  }
}

chooseTheme();
choosePoint();
chooseEngines();
offerDownloads();
for (const draw of [drawLanes, drawThroughput, drawLatencies, drawCrossovers, drawCosts, drawTimes])
  drawn(draw);
print();
root.classList.add('drawn');
