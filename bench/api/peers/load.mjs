// The load: node load.mjs OPTIONS.json → autocannon's result as one line of JSON.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

const { url, paths, headers, connections, seconds, rate } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  ...(rate === undefined ? {} : { overallRate: rate }),
  requests: paths.map((path) => ({ path, headers })),
});
console.log(
  JSON.stringify({
    requestsPerSecond: result.requests.total / result.duration,
    bytesPerSecond: result.throughput.total / result.duration,
    good: result['2xx'],
    bad: result.non2xx + result.errors + result.timeouts,
    p50Milliseconds: result.latency.p50,
    p99Milliseconds: result.latency.p99,
  }),
);
