/** The child of bare `fork` that answers: each number with the next, an object with itself, all bytes at last with their weight. */
let weight = 0;

process.on('message', (message: number | object | string | Uint8Array) => {
  if (typeof message === 'number') process.send!(message + 1);
  else if (message instanceof Uint8Array) weight += message.length;
  else if (message === 'weight') {
    process.send!(weight);
    weight = 0;
  } else process.send!(message);
});
process.send!('up');
