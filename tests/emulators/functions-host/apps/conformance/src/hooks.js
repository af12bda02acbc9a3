import { app } from '@azure/functions';

app.setup({ enableHttpStream: process.env.STREAMS === 'true' });

app.hook.appStart((context) => {
  context.hookData.started = 'kept since the start';
  console.error('the start hook has run');
});
app.hook.appTerminate((context) => console.error(`the end hook has run: ${context.hookData.started}`));
app.hook
  .preInvocation(() => {
    throw new Error('a hook that was disposed has run');
  })
  .dispose();
app.hook.preInvocation((context) => {
  const { invocationContext } = context;
  if (invocationContext.functionName !== 'hooked') {
    return;
  }
  invocationContext.log(`before: ${context.inputs.map((value) => value.constructor.name)}`);
  context.inputs.push('a second input');
  context.hookData.note = 'from before to after';
  const handler = context.functionHandler;
  context.functionHandler = (...args) => {
    invocationContext.log('around the handler');
    return handler(...args);
  };
  for (const name of ['hookData', 'invocationContext']) {
    try {
      context[name] = {};
    } catch (error) {
      invocationContext.log(error.message);
    }
  }
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    const { error, result, hookData } = context;
    context.invocationContext.log(`after: ${error}, ${JSON.stringify(result)}, ${hookData.note}`);
  }
});
app.http('hooked', {
  authLevel: 'anonymous',
  handler: (_request, second, context) => {
    context.log(`inside: ${second}`);
    return { body: 'hooked' };
  },
});
