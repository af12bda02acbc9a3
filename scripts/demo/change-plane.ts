import { connectWarehouse } from '../provision/warehouse.ts';
import { OPERATIONS_DATABASE, type Settings } from '../stack/endpoints.ts';

/** An aircraft of the operational database, as it is after a change. */
export interface Plane {
  readonly tailnum: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly seats: number;
}

/** Gives an aircraft one seat more, or takes it away again, as the airline's own application would. */
export async function changePlane(settings: Settings, tailnum: string): Promise<Plane> {
  const pool = await connectWarehouse(settings, OPERATIONS_DATABASE);
  try {
    await pool
      .request()
      .input('tailnum', tailnum)
      .query(`UPDATE ops.planes SET seats = CASE WHEN seats % 2 = 0 THEN seats + 1 ELSE seats - 1 END,
        modified_at = SYSUTCDATETIME() WHERE tailnum = @tailnum`);
    const { recordset } = await pool
      .request()
      .input('tailnum', tailnum)
      .query<Plane>('SELECT tailnum, manufacturer, model, seats FROM ops.planes WHERE tailnum = @tailnum');
    const [plane] = recordset;
    if (plane === undefined) throw new Error(`The operational database has no aircraft ${tailnum}.`);
    return plane;
  } finally {
    await pool.close();
  }
}
