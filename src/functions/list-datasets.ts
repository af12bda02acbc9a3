import { withEvolved } from '../shared/contracts/evolved-columns.ts';
import { correctionGlob } from '../shared/contracts/landed-format.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { services } from '../shared/services.ts';
import { tableName } from '../shared/sql/table-names.ts';

/** GET /api/datasets: what may land, where and with which columns. */
endpoint('list-datasets', {
  method: 'GET',
  route: 'datasets',
  access: 'Insights.Read',
  handler: async () => {
    const { datasets, publications, sql } = services();
    const all = await Promise.all(
      datasets.all.map(async (dataset) => {
        const published = await publications.get(dataset.contract.dataset);
        return withEvolved(dataset, published?.evolved ?? []);
      }),
    );
    return {
      jsonBody: {
        datasets: all.map(({ contract }) => ({
          dataset: contract.dataset,
          description: contract.description,
          path: contract.arrival.path,
          correctionsPath: correctionGlob(contract.arrival) ?? null,
          format: contract.arrival.format,
          laterVersions: contract.identity.on_later_version,
          table: tableName(sql.limits.catalog, 'silver', contract.dataset),
          columns: contract.columns
            .filter(({ expression }) => expression === undefined)
            .map(({ name, source, type, nullable, evolved, description }) => ({
              name: source ?? name,
              type,
              nullable: nullable ?? true,
              description,
              ...(evolved === undefined ? {} : { column: name, evolved }),
            })),
          insights: (contract.insights ?? []).map(({ name }) => name),
        })),
      },
    };
  },
});
