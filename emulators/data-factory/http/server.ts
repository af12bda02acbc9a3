import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { DefinitionError, type JsonObject, readObject } from '../definitions/json.ts';
import { toValue, writeJson } from '../expressions/index.ts';
import type { Certificates } from '../tls/issue-certificates.ts';
import { ApiError, badRequest } from './api-error.ts';
import { type ApiResponse, createRouter, type Routes } from './router.ts';

const LARGEST_BODY = 16 * 1024 * 1024;

/** Resource Manager over https: checks the bearer token, finds the route, answers in JSON. Not listening yet. */
export function createApiServer({ certificate, key }: Certificates, tokens: readonly string[], routes: Routes): Server {
  const find = createRouter(routes);
  const answer = async (request: IncomingMessage, port: number): Promise<ApiResponse> => {
    const url = new URL(request.url ?? '/', `https://127.0.0.1:${port}`);
    if (url.pathname === '/health') return { body: { status: 'ok' } };
    authenticate(request.headers.authorization, tokens);
    if (!url.searchParams.has('api-version')) {
      throw new ApiError(
        400,
        'MissingApiVersionParameter',
        "The api-version query parameter (?api-version=) is required for all requests. Use '2018-06-01'.",
      );
    }
    const method = request.method ?? 'GET';
    const found = find(method, url.pathname);
    if (found === undefined) throw new ApiError(404, 'NotFound', `There is nothing at '${url.pathname}' here.`);
    if (found === null) throw new ApiError(405, 'MethodNotAllowed', `'${url.pathname}' does not take ${method}.`);
    const body = await readBody(request);
    return found.handler({
      method,
      path: url.pathname,
      origin: `https://${request.headers.host ?? url.host}`,
      params: found.params,
      query: url.searchParams,
      header: (name) => {
        const value = request.headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      body,
    });
  };
  return createServer({ cert: certificate, key }, (request, response) => {
    answer(request, request.socket.localPort ?? 0).then(
      (answered) => send(response, answered),
      (error: unknown) => send(response, errorAnswer(error)),
    );
  });
}

function send(response: ServerResponse, { status = 200, body }: ApiResponse): void {
  const text = body === undefined ? '' : writeJson(toValue(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function errorAnswer(error: unknown): ApiResponse {
  const known = error instanceof DefinitionError ? badRequest(error.message) : error;
  if (known instanceof ApiError) {
    return {
      status: known.status,
      body: { error: { code: known.code, message: known.message, target: null, details: null } },
    };
  }
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`data-factory emulator: ${shown}\n`);
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: { error: { code: 'InternalServerError', message } } };
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new ApiError(413, 'RequestEntityTooLarge', 'The body of the request is too large.');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return {};
  try {
    return readObject(JSON.parse(text), 'The body of the request');
  } catch (error) {
    if (error instanceof DefinitionError) throw error;
    throw new ApiError(
      400,
      'InvalidRequestContent',
      `The request content was invalid and could not be deserialized: ${error}`,
    );
  }
}

function authenticate(header: string | undefined, tokens: readonly string[]): void {
  const given = header?.match(/^Bearer (.+)$/i)?.[1];
  if (given === undefined) {
    throw new ApiError(
      401,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing or has no bearer token.",
    );
  }
  if (!tokens.some((token) => isEqual(token, given))) {
    throw new ApiError(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
  }
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
