import type { Refresh, RefreshStatus } from '../refresh/refresh.ts';

/** Power BI's old statuses: what runs is Unknown. */
const STATUS: Readonly<Record<RefreshStatus, string>> = {
  InProgress: 'Unknown',
  Completed: 'Completed',
  Failed: 'Failed',
  TimedOut: 'Failed',
  Cancelled: 'Cancelled',
};

const ANALYSIS_SERVICES_STATUS: Readonly<Record<RefreshStatus, string>> = {
  InProgress: 'inProgress',
  Completed: 'succeeded',
  Failed: 'failed',
  TimedOut: 'timedOut',
  Cancelled: 'cancelled',
};

/** The body of Power BI's GET …/refreshes/{id}. */
export function presentDetails(refresh: Refresh): object {
  const type = capitalised(refresh.request.type);
  return {
    ...times(refresh),
    type,
    commitMode: capitalised(refresh.request.commitMode),
    status: STATUS[refresh.status],
    extendedStatus: refresh.status,
    currentRefreshType: type,
    numberOfAttempts: refresh.attempts.length,
    objects: presentObjects(refresh, (status) => status),
    ...presentMessages(refresh),
    refreshAttempts: presentAttempts(refresh),
  };
}

/** An entry of Power BI's GET …/refreshes. */
export function presentEntry(refresh: Refresh): object {
  return {
    requestId: refresh.id,
    id: Number.parseInt(refresh.id.slice(0, 7), 16),
    refreshType: refresh.request.enhanced ? 'ViaEnhancedApi' : 'ViaApi',
    startTime: refresh.startTime,
    ...(refresh.endTime !== undefined && { endTime: refresh.endTime }),
    status: STATUS[refresh.status],
    extendedStatus: refresh.status,
    ...(hasFailed(refresh) && { serviceExceptionJson: exceptionJson(refresh.message ?? '') }),
    refreshAttempts: presentAttempts(refresh),
  };
}

/** The body of Analysis Services' GET …/refreshes/{id}. */
export function presentOperation(refresh: Refresh): object {
  return {
    ...times(refresh),
    type: refresh.request.type,
    status: ANALYSIS_SERVICES_STATUS[refresh.status],
    currentRefreshType: refresh.request.type,
    objects: presentObjects(refresh, (status) => ANALYSIS_SERVICES_STATUS[status]),
    ...presentMessages(refresh),
  };
}

/** An entry of Analysis Services' GET …/refreshes, a bare array. */
export function presentOperationEntry(refresh: Refresh): object {
  return {
    refreshId: refresh.id,
    startTime: refresh.startTime,
    ...(refresh.endTime !== undefined && { endTime: refresh.endTime }),
    status: ANALYSIS_SERVICES_STATUS[refresh.status],
  };
}

function presentObjects(refresh: Refresh, name: (status: RefreshStatus) => string): readonly object[] {
  return refresh.request.objects.map(({ table, partition }) => {
    const done = refresh.done.some((one) => one.table === table && one.partition === partition);
    return { table, partition, status: name(done ? 'Completed' : refresh.status) };
  });
}

function presentMessages(refresh: Refresh): object {
  if (refresh.message === undefined) return {};
  const type = refresh.status === 'InProgress' ? 'Warning' : 'Error'; // an earlier attempt's, while another runs
  return { messages: [{ message: refresh.message, type }] };
}

function presentAttempts(refresh: Refresh): readonly object[] {
  return refresh.attempts.map(({ attemptId, startTime, endTime, message }) => ({
    attemptId,
    startTime,
    ...(endTime !== undefined && { endTime }),
    ...(message !== undefined && { serviceExceptionJson: exceptionJson(message) }),
    type: 'Data',
  }));
}

function hasFailed({ status }: Refresh): boolean {
  return status === 'Failed' || status === 'TimedOut';
}

/** The service puts JSON into a text. */
function exceptionJson(errorDescription: string): string {
  return JSON.stringify({ errorCode: 'ModelRefresh_ShortMessage_ProcessingError', errorDescription });
}

/** Details write UTC without a zone. */
function times({ startTime, endTime }: Refresh): object {
  const bare = (time: string): string => time.replace(/Z$/, '');
  return { startTime: bare(startTime), ...(endTime !== undefined && { endTime: bare(endTime) }) };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
