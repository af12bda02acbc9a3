import { endpoint } from '../shared/http/endpoint.ts';
import { parseFilters } from '../shared/http/insight-filters.ts';
import { parseCursor, parseLimit, refuseUnknownParameters } from '../shared/http/paging.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';

/** GET /api/insights/{dataset}/{insight}: rows of the published version, filtered, page by page, with an ETag. */
endpoint('query-insight', {
  method: 'GET',
  route: 'insights/{dataset}/{insight}',
  access: 'Insights.Read',
  handler: async (request) => {
    const { datasets, insightPages } = services();
    const { dataset = '', insight: name = '' } = request.params;
    const contract = datasets.get(dataset)?.contract;
    const insight = contract?.insights?.find((candidate) => candidate.name === name);
    if (contract === undefined || insight === undefined)
      return problem(404, `There is no insight '${name}' of dataset '${dataset}'; GET /api/insights lists them.`);

    refuseUnknownParameters(request, [...insight.filters, 'limit', 'cursor']);
    const filters = parseFilters(request, datasets, contract, insight);
    const limit = parseLimit(request);
    const cursor = parseCursor(request);
    const publication = await insightPages.published(dataset);
    const version = publication?.version ?? 0;
    if (cursor !== undefined && cursor.version === undefined) return problem(400, 'cursor belongs to another route.');
    if (cursor?.version !== undefined && cursor.version !== version) {
      return problem(
        410,
        `The cursor belongs to version ${cursor.version}, but version ${version} is served now; start from the beginning.`,
      );
    }
    const page = insightPages.page({
      publication,
      dataset,
      insight: name,
      filters,
      limit,
      ...(cursor === undefined ? {} : { continuation: cursor.continuation }),
    });
    return matches(request.headers.get('if-none-match'), page.etag)
      ? { status: 304, headers: page.headers }
      : page.response();
  },
});

/** Whether an If-None-Match header names the ETag; weak and strong count alike, as RFC 9110 says for it. */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}
