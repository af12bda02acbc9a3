import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobServiceClient } from '@azure/storage-blob';
import { CONTAINERS } from '../../src/shared/names.ts';
import type { ApiClient, ApiPipelineRun } from '../api-client.ts';

const POLL_MILLISECONDS = 100;

/** A run of a pipeline that has ended, and the files that it landed: eTags by path. */
export interface Copied {
  readonly run: ApiPipelineRun;
  readonly landed: ReadonlyMap<string, string>;
}

/**
 * Starts a pipeline by the API, as an operator would, and follows it to its end.
 * @throws Error with the factory's words when it does not succeed
 */
export async function runPipeline(
  api: ApiClient,
  blobs: BlobServiceClient,
  pipeline: string,
  withinSeconds = 300,
): Promise<Copied> {
  const until = Date.now() + withinSeconds * 1000;
  let run = await api.post<ApiPipelineRun>(`/pipelines/${pipeline}/runs`);
  const path = `/pipelines/runs/${run.id}`;
  while (run.status === 'running') {
    if (Date.now() > until) throw new Error(`${pipeline} had not ended after ${withinSeconds} s. See GET ${path}.`);
    await sleep(POLL_MILLISECONDS);
    run = await api.get<ApiPipelineRun>(path);
  }
  if (run.status !== 'succeeded') throw new Error(`${pipeline} ended as ${run.status}: ${run.error ?? 'no reason'}`);
  const container = blobs.getContainerClient(CONTAINERS.landing);
  const landed = run.copies.flatMap((copy) => (copy.landed === undefined ? [] : [copy.landed]));
  const tags = landed.map(async (file) => {
    const { etag = '' } = await container.getBlobClient(file).getProperties();
    return [file, etag.replaceAll('"', '')] as const;
  });
  return { run, landed: new Map(await Promise.all(tags)) };
}
