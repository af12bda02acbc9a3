const { app } = require('@azure/functions');

const seen = [];
app.eventGrid('one', {
  handler: (event) => {
    if (event.subject === 'fail' || event.data?.fail) {
      throw new Error('refused');
    }
    seen.push(event);
  },
});
app.eventGrid('many', { trigger: undefined, cardinality: 'many', handler: (events) => void seen.push(events) });
app.http('seen', { authLevel: 'anonymous', handler: () => ({ jsonBody: seen }) });
