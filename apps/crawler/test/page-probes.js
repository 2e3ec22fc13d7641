/** What tests ask of a page, from within it. It is loaded into the page, not into the tests. */
globalThis.probes = {
  /** How many pixels of each canvas that can be seen have been painted, and in how many colours. */
  painted() {
    return [...document.querySelectorAll('canvas')]
      .filter((canvas) => canvas.checkVisibility())
      .map((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const colors = new Set();
        let pixels = 0;
        for (let at = 0; at < data.length; at += 4) {
          if (data[at + 3] < 128) continue;
          pixels++;
          colors.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
        }
        const name = canvas.closest('[aria-label]')?.getAttribute('aria-label')?.split(/[.:]/)[0] ?? '?';
        return { name, pixels, colors: colors.size };
      });
  },

  overflow() {
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  },

  paper() {
    return getComputedStyle(document.body).backgroundColor;
  },

  /** What keeps those from using the page who do not see it. */
  faults() {
    const found = [];
    let last = 0;
    for (const heading of document.querySelectorAll('h1, h2, h3')) {
      const level = Number(heading.tagName[1]);
      if (level > last + 1) found.push(`${heading.tagName} "${heading.textContent}" after H${last}`);
      last = level;
    }
    if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
    if (document.documentElement.lang !== 'en') found.push('no language');
    if (document.querySelectorAll('main').length !== 1) found.push('not one main');
    for (const control of document.querySelectorAll('button, input, [tabindex], canvas[role], [role=img]')) {
      const name =
        control.getAttribute('aria-label') ?? control.closest('label')?.textContent ?? control.textContent;
      if (name.trim() === '') found.push(`no name: ${control.outerHTML.slice(0, 80)}`);
    }
    for (const table of document.querySelectorAll('table'))
      if (table.querySelector('th[scope]') === null) found.push(`no heads: ${table.outerHTML.slice(0, 80)}`);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`twice: #${id}`);
    for (const svg of document.querySelectorAll('svg'))
      if (svg.getAttribute('aria-hidden') !== 'true' && !svg.hasAttribute('aria-label'))
        found.push('an svg without a name');
    return found;
  },

  /** Text with less than 4.5 times the light of what is behind it, or the other way round. */
  faint() {
    const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const light = (color) => {
      const [r, g, b] = color.slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const found = new Set();
    for (const element of document.querySelectorAll(
      'p, h1, h2, h3, th, td, li, span, dt, summary, legend, button, code, b',
    )) {
      const own = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent.trim() !== '',
      );
      if (!own || !element.checkVisibility()) continue;
      const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) found.add(`${contrast.toFixed(1)}: ${element.textContent.slice(0, 40)}`);
    }
    return [...found];
  },
};
