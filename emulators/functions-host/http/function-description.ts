import { basename } from 'node:path';
import type { RegisteredFunction } from '../core/function-registry.ts';
import { routeOf } from './front-door.ts';

export interface DescriptionOptions {
  readonly origin: string;
  readonly routePrefix: string;
  readonly isDisabled: boolean;
}

/**
 * A function as the admin API tells of it. What only a file server could answer is null.
 * Source: Azure/azure-functions-host, `WebHost/Models/FunctionMetadataResponse.cs`.
 */
export function describeFunction(target: RegisteredFunction, options: DescriptionOptions): object {
  const { origin, routePrefix, isDisabled } = options;
  const isHttp = target.trigger.type.toLowerCase() === 'httptrigger';
  const [file] = /^.*?(?=:\d+:\d+$)/.exec(target.place ?? '') ?? [];
  return {
    name: target.name,
    script_root_path_href: null,
    script_href: null,
    config_href: null,
    test_data_href: null,
    href: `${origin}/admin/functions/${target.name}`,
    invoke_url_template: isHttp ? `${origin}/${routeOf(target, routePrefix)}`.toLowerCase() : null,
    language: 'node',
    config: {
      name: target.name,
      entryPoint: null,
      scriptFile: file === undefined ? null : basename(file),
      language: 'node',
      functionDirectory: null,
      bindings: Object.entries(target.metadata.bindings).map(([name, binding]) => ({ ...binding, name })),
    },
    files: null,
    test_data: null,
    isDisabled,
    isDirect: false,
    isProxy: false,
  };
}
