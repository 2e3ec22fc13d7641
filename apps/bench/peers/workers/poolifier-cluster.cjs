// A CommonJS module: on Node 20 a cluster worker that is an ES module is never ready, in poolifier 5.3. So is one that is made
// later than at once, and with that the functions cannot be imported either: the same as in functions.mjs.
const { ClusterWorker } = require('poolifier');

const increment = (value) => value + 1;
const incrementAll = (values) => values.map(increment);

module.exports = new ClusterWorker({ increment, incrementAll });
