/**
 * @typedef {string | number | Node | null | false} Child
 * @typedef {{ [name: string]: string | number | boolean | null | undefined | ((event: any) => void) }} Attributes
 */

/**
 * @param {Element} element
 * @param {Attributes} attributes functions listen to the event of their name
 * @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children)
    if (child !== null && child !== false) element.append(child instanceof Node ? child : String(child));
}

/**
 * An element. Text is only ever set as text.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  fill(element, attributes, children);
  return element;
}

/**
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 */
export function makeSvg(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  fill(element, attributes, children);
  return element;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
export function embedded(id) {
  return JSON.parse(byId(id).textContent ?? '');
}

/**
 * A table for those who do not see the picture, and for those who want the figures.
 *
 * @param {string} caption
 * @param {string[]} heads
 * @param {(string | number)[][]} rows
 */
export function figures(caption, heads, rows) {
  return make(
    'details',
    { class: 'figures' },
    make('summary', {}, `Figures: ${caption}`),
    make(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
      make(
        'table',
        {},
        make('caption', { class: 'unseen' }, caption),
        make('thead', {}, make('tr', {}, ...heads.map((head) => make('th', { scope: 'col' }, head)))),
        make(
          'tbody',
          {},
          ...rows.map(([first, ...others]) =>
            make(
              'tr',
              {},
              make('th', { scope: 'row' }, first ?? ''),
              ...others.map((cell) => make('td', {}, cell)),
            ),
          ),
        ),
      ),
    ),
  );
}

/**
 * The box with what is under the pointer. There is one; whoever has the pointer has it.
 */
const tip = make('div', { class: 'tip', role: 'status', 'aria-live': 'polite', hidden: true });

/**
 * @param {Child[]} content
 * @param {number} x of the window
 * @param {number} y
 */
export function showTip(content, x, y) {
  if (!tip.isConnected) document.body.append(tip);
  tip.replaceChildren(
    ...content
      .filter((child) => child !== null && child !== false)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const left = x + 16 + width > room ? x - width - 16 : x + 16;
  tip.style.left = `${Math.max(4, Math.min(left, room - width - 4))}px`;
  tip.style.top = `${Math.max(4, Math.min(y - height / 2, window.innerHeight - height - 4))}px`;
}

export function hideTip() {
  tip.hidden = true;
}
