/** For `--import`. */
globalThis.preloaded = true;
