/** The child of bare `fork` that answers the number it is started with, and ends. */
process.send!(Number(process.argv[2]) + 1, () => process.disconnect());
