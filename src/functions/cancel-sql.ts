import { endpoint } from '../shared/http/endpoint.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';
import { parseStatementId } from '../shared/sql/statement-id.ts';

/** DELETE /api/sql/{id}: ends a statement; one that has ended already stays as it is. */
endpoint('cancel-sql', {
  method: 'DELETE',
  route: 'sql/{id}',
  access: 'Data.Query',
  handler: async (request) => {
    const { id: text = '' } = request.params;
    const asked = parseStatementId(text);
    if (asked === undefined || !(await services().sql.client().cancel(asked.id)))
      return problem(404, `There is no statement '${text}'; POST /api/sql runs one.`);
    return { status: 204 };
  },
});
