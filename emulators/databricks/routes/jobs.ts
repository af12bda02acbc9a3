import { Hono } from 'hono';
import { invalidParameter, jobDoesNotExist } from '../api-error.ts';
import { readJobSpec } from '../domain/job-settings.ts';
import {
  type JsonObject,
  optionalBoolean,
  optionalInteger,
  optionalString,
  readList,
  readObject,
  requiredId,
  requiredString,
} from '../domain/json.ts';
import type { JobRecord } from '../domain/records.ts';
import type { Store } from '../store/store.ts';
import { mergeSettings } from './merge-settings.ts';
import { readPage } from './paging.ts';
import type { Workspace } from './present-run.ts';
import { bodyOf, queryOf } from './requests.ts';

/** jobs/create, reset, update, delete, get and list. */
export function jobRoutes(store: Store, workspace: Workspace): Hono {
  const app = new Hono();

  const save = (job: JobRecord): void => {
    readJobSpec(job.settings);
    store.jobs.put(job);
  };
  const find = (jobId: number): JobRecord => {
    const job = store.jobs.get(jobId);
    if (job === undefined) throw jobDoesNotExist(jobId);
    return job;
  };

  app.post('/create', async (context) => {
    const { access_control_list: _ignored, ...given } = await bodyOf(context);
    const settings = withDefaults(given);
    const job = { jobId: store.nextId(), createdTime: Date.now(), settings };
    save(job);
    return context.json({ job_id: job.jobId });
  });

  app.post('/reset', async (context) => {
    const body = await bodyOf(context);
    const job = find(requiredId(body, 'job_id'));
    save({ ...job, settings: withDefaults(readObject(body.new_settings, 'new_settings')) });
    return context.json({});
  });

  app.post('/update', async (context) => {
    const body = await bodyOf(context);
    const job = find(requiredId(body, 'job_id'));
    const removed = readList(body, 'fields_to_remove').map(String);
    const changes = readObject(body.new_settings ?? {}, 'new_settings');
    save({ ...job, settings: mergeSettings(job.settings, changes, removed) });
    return context.json({});
  });

  app.post('/delete', async (context) => {
    const jobId = requiredId(await bodyOf(context), 'job_id');
    if (!store.jobs.delete(jobId)) throw jobDoesNotExist(jobId);
    return context.json({});
  });

  app.get('/get', (context) => {
    const query = queryOf(context);
    const job = find(requiredId(query, 'job_id'));
    const tasks = readList(job.settings, 'tasks');
    const page = readPage(query, tasks, 100);
    const settings = tasks.length > 100 ? { ...job.settings, tasks: page.items } : job.settings;
    return context.json({ ...present(workspace, job), settings, ...page.more });
  });

  app.get('/list', (context) => {
    const query = queryOf(context);
    const limit = optionalInteger(query, 'limit') ?? 20;
    if (limit < 1 || limit > 100) throw invalidParameter('limit must be between 1 and 100.');
    const before = Number(optionalString(query, 'page_token') ?? Number.MAX_SAFE_INTEGER);
    if (!Number.isSafeInteger(before)) throw invalidParameter('Invalid page_token.');
    const found = store.jobs.list({ before, limit: limit + 1, name: optionalString(query, 'name') });
    const jobs = found.slice(0, limit);
    const withTasks = optionalBoolean(query, 'expand_tasks') ?? false;
    return context.json({
      ...(jobs.length > 0 && { jobs: jobs.map((job) => presentInList(workspace, job, withTasks)) }),
      has_more: found.length > limit,
      ...(found.length > limit && { next_page_token: String(jobs.at(-1)?.jobId) }),
    });
  });

  return app;
}

function withDefaults(settings: JsonObject): JsonObject {
  return {
    email_notifications: {},
    timeout_seconds: 0,
    max_concurrent_runs: 1,
    ...settings,
    name: settings.name === undefined ? 'Untitled' : requiredString(settings, 'name'),
    format: 'MULTI_TASK',
  };
}

function present(workspace: Workspace, job: JobRecord): Record<string, unknown> {
  return {
    job_id: job.jobId,
    creator_user_name: workspace.userName,
    run_as_user_name: workspace.userName,
    settings: job.settings,
    created_time: job.createdTime,
  };
}

function presentInList(workspace: Workspace, job: JobRecord, withTasks: boolean): Record<string, unknown> {
  const { tasks: _tasks, job_clusters: _clusters, ...brief } = job.settings;
  return { ...present(workspace, job), settings: withTasks ? job.settings : brief };
}
