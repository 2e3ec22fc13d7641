import pc from 'picocolors';

/** Functions that paint text, or leave it as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Paints where the terminal can, unless colours are not wanted. */
export function colorsFor(wanted: boolean): Colors {
  return wanted ? pc : pc.createColors(false);
}
