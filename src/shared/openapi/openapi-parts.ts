/** Small parts that the API's document is made of. */
export type Json = Readonly<Record<string, unknown>>;

export const TEXT: Json = { type: 'string' };
export const NUMBER: Json = { type: 'number' };
export const NULLABLE_TEXT: Json = { type: ['string', 'null'] };
export const NULLABLE_NUMBER: Json = { type: ['number', 'null'] };
export const COUNT: Json = { type: 'integer', minimum: 0 };

/** A schema of `components`. */
export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** A response with a JSON body. */
export function json(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } };
}

/** A response with an RFC 9457 body. */
export function problem(description: string): Json {
  return { description, content: { 'application/problem+json': { schema: ref('Problem') } } };
}

/** A JSON body that the caller must send. */
export function body(schema: Json): Json {
  return { required: true, content: { 'application/json': { schema } } };
}

/** An optional parameter of the query string. */
export function query(name: string, schema: Json, description: string): Json {
  return { name, in: 'query', required: false, schema, description };
}

/** A parameter in the path. */
export function inPath(name: string): Json {
  return { name, in: 'path', required: true, schema: TEXT };
}

export const LIMIT = query(
  'limit',
  { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  'How many items at most',
);
export const CURSOR = query('cursor', TEXT, 'Where to go on: `next` of the page before');

/** An object with these properties and no others; all are there unless they are named as optional. */
export function closed(properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties };
}

/** A page of a list. */
export function page(schema: Json): Json {
  return closed({ items: { type: 'array', items: schema }, next: NULLABLE_TEXT });
}

/** An operation that answers 200, or why not. */
export function operation(operationId: string, summary: string, ok: Json, parameters: readonly Json[] = []): Json {
  return {
    operationId,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      200: ok,
      400: problem('A parameter is wrong'),
      404: problem('There is no such thing'),
      500: problem('Our fault'),
    },
  };
}
