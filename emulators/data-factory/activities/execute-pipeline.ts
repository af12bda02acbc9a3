import { DefinitionError, optionalBoolean } from '../definitions/json.ts';
import { readReference } from '../definitions/references.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { ActivityError } from '../engine/activity-error.ts';
import { isObject } from '../expressions/index.ts';

/** ExecutePipeline: starts another pipeline once, also across a crash, and waits for it if asked to. */
export const executePipeline: ActivityRunner = async (context) => {
  const { typeProperties } = context.activity;
  const pipeline = readReference(typeProperties.pipeline);
  if (pipeline === undefined) throw new DefinitionError("'pipeline' must be a reference to a pipeline.");
  const output = (runId: string) => ({ pipelineName: pipeline.name, pipelineRunId: runId });
  let runId = typeof context.progress === 'string' ? context.progress : undefined;
  if (runId === undefined) {
    const parameters = context.evaluate(typeProperties.parameters ?? {});
    context.setInput({ pipeline: { referenceName: pipeline.name }, parameters });
    context.startPipeline(pipeline.name, isObject(parameters) ? parameters : {}, (started) => {
      runId = started;
      context.saveProgress(started);
    });
  }
  if (runId === undefined) throw new Error('The pipeline was not started.');
  if (optionalBoolean(typeProperties, 'waitOnCompletion') === false) return { output: output(runId) };
  const run = await context.pipelineEnded(runId);
  if (run.status === 'Succeeded') {
    const { returnValue } = run.state;
    const returned = Object.keys(returnValue).length === 0 ? {} : { pipelineReturnValue: returnValue };
    return { output: { ...output(runId), ...returned } };
  }
  const what = run.status === 'Cancelled' ? 'The pipeline was cancelled' : run.message;
  throw new ActivityError(run.status === 'Cancelled' ? 'Cancelled' : 'OperationFailed', what);
};
