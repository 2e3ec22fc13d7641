/** Bits of `greenlet.flags` above those of the switcher. It is in the registry of the live. @internal */
export const LISTED = 256;
/** Interrupts are held back. @internal */
export const SHIELDED = 512;
/** Somebody has taken notice of its failure, or will. @internal */
export const OBSERVED = 1024;
