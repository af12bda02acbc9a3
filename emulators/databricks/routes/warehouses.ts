import { Hono } from 'hono';
import { ApiError } from '../api-error.ts';
import type { SqlWarehouse } from '../sql/warehouse.ts';

/** `/api/2.0/sql/warehouses`, as far as clients look a warehouse up, start and stop it. */
export function warehouseRoutes(warehouse: SqlWarehouse): Hono {
  const app = new Hono();
  app.get('/', (context) => context.json({ warehouses: [present(warehouse)] }));
  app.get('/:id', (context) => context.json(present(known(warehouse, context.req.param('id')))));
  app.post('/:id/start', (context) => {
    known(warehouse, context.req.param('id')).warm();
    return context.json({});
  });
  app.post('/:id/stop', (context) => {
    known(warehouse, context.req.param('id')).stop();
    return context.json({});
  });
  return app;
}

function known(warehouse: SqlWarehouse, id: string): SqlWarehouse {
  if (id === warehouse.id) return warehouse;
  throw new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', `SQL warehouse ${id} does not exist.`);
}

function present(warehouse: SqlWarehouse): object {
  const { running, active } = warehouse.state();
  return {
    id: warehouse.id,
    name: 'SQL on Sail',
    state: running ? 'RUNNING' : 'STOPPED',
    warehouse_type: 'PRO',
    enable_serverless_compute: true,
    cluster_size: '2X-Small',
    num_clusters: running ? 1 : 0,
    num_active_sessions: active,
  };
}
