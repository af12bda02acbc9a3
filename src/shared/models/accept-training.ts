import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { problem } from '../http/problem.ts';
import { services } from '../services.ts';
import { startTraining, trainingUnderWay } from './start-training.ts';
import { askedTraining, type TrainingMode } from './training.ts';

/** Starts a training that somebody asked for: 202 with its run, 404 without a model, 409 while one is under way. */
export async function acceptTraining(
  { params: { dataset = '' } }: HttpRequest,
  context: InvocationContext,
  mode: TrainingMode,
  force: boolean,
): Promise<HttpResponseInit> {
  const app = services();
  if (app.datasets.get(dataset)?.contract.model === undefined)
    return problem(404, `There is no model of a dataset '${dataset}'; GET /api/models lists them.`);
  const client = df.getClient(context);
  const other = await trainingUnderWay(app, client, dataset);
  if (other !== undefined)
    return problem(409, `${other.id} is under way; try again when it has ended (GET /api/runs/${other.id}).`);
  const training = askedTraining(dataset, mode, force, new Date());
  await startTraining(app, client, training);
  const href = `/api/runs/${training.id}`;
  return { status: 202, headers: { location: href, 'retry-after': '2' }, jsonBody: { id: training.id, href } };
}
