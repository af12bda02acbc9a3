import { app } from '@azure/functions';
import { services } from '../shared/services.ts';

/** Spans that were not sent yet go out before the process ends. */
app.hook.appTerminate(() => services().telemetry.flush());
