import * as df from 'durable-functions';

// Somebody has so long, and four tries, to send the code back.
df.app.orchestration('phoneVerification', function* (context) {
  const { phone, withinMs } = context.df.getInput();
  const code = yield context.df.callActivity('sendCode', phone);
  context.df.setCustomStatus('waiting for the code');
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + withinMs));
  let verified = false;
  for (let tries = 0; tries <= 3 && !verified; tries++) {
    const answer = context.df.waitForExternalEvent('code');
    const winner = yield context.df.Task.any([answer, timeout]);
    if (winner === timeout) {
      break;
    }
    verified = answer.result === code;
  }
  if (!timeout.isCompleted) {
    timeout.cancel();
  }
  return verified;
});

// A real one would send a message; tests know how it makes codes.
df.app.activity('sendCode', { handler: (phone) => phone.split('').reduce((sum, digit) => sum + Number(digit), 0) });
