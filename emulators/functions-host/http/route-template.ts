/**
 * Route templates of HTTP functions: literals, `{name}`, `{name?}`, `{name=default}`, `{name:constraint}`, `{*rest}`.
 * Source: ASP.NET Core routing, "Route templates" and "Route constraints".
 */
export interface RouteTemplate {
  readonly segments: readonly Segment[];
  readonly text: string;
}

interface Literal {
  readonly kind: 'literal';
  readonly text: string;
}

interface Parameter {
  readonly kind: 'parameter' | 'rest';
  readonly name: string;
  readonly optional: boolean;
  readonly fallback: string | undefined;
  readonly constraints: readonly ((value: string) => boolean)[];
}

/** A segment is made of one or more parts, such as `{name}.{extension}`. */
interface Segment {
  readonly parts: readonly (Literal | Parameter)[];
  /** The one part, in small letters when it is text; undefined when there are several. */
  readonly only: Literal | Parameter | undefined;
  /** What a value must look like; its groups are the parameters' values. */
  readonly pattern: RegExp;
  /** The same without the last parameter and the dot before it, as in `{name}.{extension?}`. */
  readonly shortPattern: RegExp | undefined;
}

const inRange = (value: string, low: number, high: number) => {
  return /^-?\d+$/.test(value) && Number(value) >= low && Number(value) <= high;
};

const plainConstraints: Readonly<Record<string, (value: string) => boolean>> = {
  int: (value) => inRange(value, -(2 ** 31), 2 ** 31 - 1),
  long: (value) => /^-?\d{1,19}$/.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  guid: (value) => /^(\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?|[0-9a-f]{32})$/i.test(value),
  decimal: (value) => /^-?\d+(\.\d+)?$/.test(value),
  double: (value) => /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value),
  float: (value) => /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== '',
};

function parseConstraint(text: string, template: string): (value: string) => boolean {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(text) ?? [];
  const [low = Number.NaN, high = low] = argument.split(',').map(Number);
  switch (name.toLowerCase()) {
    case 'length':
      return (value) => value.length >= low && value.length <= high;
    case 'minlength':
      return (value) => value.length >= low;
    case 'maxlength':
      return (value) => value.length <= low;
    case 'min':
      return (value) => inRange(value, low, Number.POSITIVE_INFINITY);
    case 'max':
      return (value) => inRange(value, Number.NEGATIVE_INFINITY, low);
    case 'range':
      return (value) => inRange(value, low, high);
    case 'regex': {
      const pattern = new RegExp(argument.replaceAll('{{', '{').replaceAll('}}', '}'), 'i');
      return (value) => pattern.test(value);
    }
    default: {
      const constraint = plainConstraints[name.toLowerCase()];
      if (constraint === undefined) {
        throw new RangeError(`the route "${template}" has an unknown constraint "${text}"`);
      }
      return constraint;
    }
  }
}

/** Splits at `separator` outside of braces and parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    depth += '{('.includes(character) ? 1 : '})'.includes(character) ? -1 : 0;
    if (character === separator && depth === 0) {
      parts.push('');
    } else {
      parts[parts.length - 1] += character;
    }
  }
  return parts;
}

function parseParameter(body: string, template: string): Parameter {
  const [, stars = '', name = '', rest = ''] = /^(\*{0,2})([^:=?]+)(.*)$/s.exec(body) ?? [];
  if (name === '') {
    throw new RangeError(`the route "${template}" has a parameter without a name: "{${body}}"`);
  }
  const optional = rest.endsWith('?');
  const definition = optional ? rest.slice(0, -1) : rest;
  const [constraintText = '', ...defaults] = splitOutside(definition, '=');
  const constraints = splitOutside(constraintText, ':').slice(1);
  return {
    kind: stars === '' ? 'parameter' : 'rest',
    name,
    optional,
    fallback: defaults.length > 0 ? defaults.join('=') : undefined,
    constraints: constraints.map((constraint) => parseConstraint(constraint, template)),
  };
}

/** @throws RangeError that names the template and what is wrong with it. */
export function parseRouteTemplate(template: string): RouteTemplate {
  const text = template.replace(/^~?\/+|\/+$/g, '');
  const segments = (text === '' ? [] : splitOutside(text, '/')).map((segment): Segment => {
    const parts = segment.match(/\{(?:[^{}]|\{\{|\}\}|\{[^}]*\})*\}|[^{}]+/g) ?? [];
    if (parts.join('') !== segment) {
      throw new RangeError(`the route "${template}" has unbalanced braces in "${segment}"`);
    }
    return toSegment(
      parts.map((part) =>
        part.startsWith('{') ? parseParameter(part.slice(1, -1), template) : { kind: 'literal', text: part },
      ),
    );
  });
  return { segments, text };
}

/** The parameters of a path under this template, undecoded segments given; undefined when it does not match. */
export function matchRoute(template: RouteTemplate, path: readonly string[]): Record<string, string> | undefined {
  return startsLike(template, path) ? matchSegments(template, path) : undefined;
}

/** Whether the text at the start of a template is that of the path: which most of a table's templates fail. */
function startsLike({ segments }: RouteTemplate, path: readonly string[]): boolean {
  for (let index = 0; index < segments.length; index++) {
    const only = segments[index]?.only;
    if (only?.kind !== 'literal') {
      return true;
    }
    if (path[index]?.toLowerCase() !== only.text) {
      return false;
    }
  }
  return true;
}

function matchSegments(template: RouteTemplate, path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  let index = -1;
  for (const segment of template.segments) {
    index++;
    const { only } = segment;
    if (only !== undefined && only.kind === 'rest') {
      return take(only, path.slice(index).join('/'), parameters) ? parameters : undefined;
    }
    const value = path[index];
    if (value === undefined || value === '') {
      if (only === undefined || only.kind === 'literal' || !take(only, '', parameters)) {
        return undefined;
      }
    } else if (!matchSegment(segment, value, parameters)) {
      return undefined;
    }
  }
  return path.length <= template.segments.length ? parameters : undefined;
}

function take(parameter: Parameter, value: string, parameters: Record<string, string>): boolean {
  if (value === '') {
    if (parameter.fallback !== undefined) {
      parameters[parameter.name] = parameter.fallback;
    }
    return parameter.kind === 'rest' || parameter.optional || parameter.fallback !== undefined;
  }
  if (!parameter.constraints.every((holds) => holds(value))) {
    return false;
  }
  parameters[parameter.name] = value;
  return true;
}

function matchSegment(segment: Segment, value: string, parameters: Record<string, string>): boolean {
  if (segment.only !== undefined) {
    return segment.only.kind === 'literal'
      ? value.toLowerCase() === segment.only.text
      : take(segment.only, value, parameters);
  }
  const match = segment.pattern.exec(value) ?? segment.shortPattern?.exec(value) ?? null;
  if (match === null) {
    return false;
  }
  const variables = segment.parts.filter((part): part is Parameter => part.kind !== 'literal');
  return variables.every((parameter, index) => take(parameter, match[index + 1] ?? '', parameters));
}

/** A number for each segment, lower first: literal, mixed, constrained, plain, rest. Compared from the left. */
export function precedence(template: RouteTemplate): number[] {
  return template.segments.map((segment) => {
    const [first] = segment.parts;
    if (segment.parts.length > 1) {
      return 2;
    }
    if (first === undefined || first.kind === 'literal') {
      return 1;
    }
    const base = first.kind === 'rest' ? 5 : 4;
    return first.constraints.length > 0 ? base - 0.5 : base;
  });
}

function toSegment(parts: Segment['parts']): Segment {
  const patternOf = (some: Segment['parts']): RegExp => {
    const text = some.map((part) => (part.kind === 'literal' ? escapePattern(part.text) : '(.+)')).join('');
    return new RegExp(`^${text}$`, 'is');
  };
  const [first] = parts;
  const [dot, last] = parts.slice(-2);
  const isShort = dot?.kind === 'literal' && dot.text === '.' && last?.kind === 'parameter' && last.optional;
  const lower = first?.kind === 'literal' ? { ...first, text: first.text.toLowerCase() } : first;
  const shortPattern = isShort ? patternOf(parts.slice(0, -2)) : undefined;
  return { parts, only: parts.length === 1 ? lower : undefined, pattern: patternOf(parts), shortPattern };
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
