import { endpoint } from '../shared/http/endpoint.ts';
import { services } from '../shared/services.ts';

/** GET /api/insights: what can be asked for, and which version of it is served. */
endpoint('list-insights', {
  method: 'GET',
  route: 'insights',
  access: 'Insights.Read',
  handler: async () => {
    const { datasets, publications } = services();
    const offering = datasets.all.filter(({ contract }) => (contract.insights ?? []).length > 0);
    const insights = await Promise.all(
      offering.map(async ({ contract }) => {
        const publication = await publications.get(contract.dataset);
        return (contract.insights ?? []).map(({ name, description, key, filters }) => ({
          dataset: contract.dataset,
          insight: name,
          description,
          key,
          filters,
          href: `/api/insights/${contract.dataset}/${name}`,
          version: publication?.version ?? null,
          publishedAt: publication?.publishedAt ?? null,
          rows: publication?.insights[name] ?? 0,
          modelVersions: publication?.modelVersions?.[name] ?? [],
        }));
      }),
    );
    return { jsonBody: { insights: insights.flat() } };
  },
});
