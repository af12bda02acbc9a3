import { DefinitionError, isJsonObject, type JsonObject, objectField, optionalString } from '../definitions/json.ts';
import { bindParameters, readParameterSpecs } from '../definitions/parameters.ts';
import { type Reference, readReference } from '../definitions/references.ts';
import { ActivityError } from '../engine/activity-error.ts';
import { type EvaluationContext, evaluateDocument, isObject, type ObjectValue, toPlain } from '../expressions/index.ts';
import type { ResourceRecord } from '../store/records.ts';
import type { ResourceKind, ResourceStore } from '../store/resource-store.ts';

/** A linked service with all expressions evaluated and all secrets in place. */
export interface LinkedService {
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** A dataset with all expressions evaluated. */
export interface Dataset {
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject;
  /** Declared columns: `[{name, type}]`. */
  readonly schema: unknown;
  readonly linkedService: LinkedService;
}

/** What the factory's identity may use, given when the emulator starts. */
export interface Credentials {
  /** Values of Key Vault secrets by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Keys of storage accounts by name: stand in for a role assigned to the factory's managed identity. */
  readonly accountKeys: ReadonlyMap<string, string>;
}

/** Finds datasets and linked services for activities. */
export interface Connections {
  readonly credentials: Credentials;
  dataset(factory: string, reference: unknown, evaluate: (document: unknown) => unknown): Dataset;
  linkedService(factory: string, reference: unknown, evaluate: (document: unknown) => unknown): LinkedService;
}

/** Connections over the resources that clients put. */
export function createConnections(resources: ResourceStore, credentials: Credentials): Connections {
  const find = (factory: string, kind: ResourceKind, { name }: Reference): ResourceRecord => {
    const found = resources.get(factory, kind, name);
    if (found !== undefined) return found;
    throw new ActivityError(
      'InvalidReference',
      `There is no ${kind === 'datasets' ? 'dataset' : 'linked service'} '${name}'.`,
    );
  };

  const linkedService: Connections['linkedService'] = (factory, reference, evaluate) => {
    const read = needed(reference, 'linked service');
    const { name, properties } = find(factory, 'linkedservices', read);
    const parameters = bind(properties, read, evaluate);
    const evaluated = evaluatedIn(objectField(properties, 'typeProperties'), { linkedService: parameters });
    return {
      name,
      type: optionalString(properties, 'type') ?? '',
      properties: Object.fromEntries(Object.entries(evaluated).map(([key, value]) => [key, secretOf(factory, value)])),
    };
  };

  const secretOf = (factory: string, value: unknown): unknown => {
    if (!isJsonObject(value)) return value;
    if (value.type === 'SecureString') return value.value;
    if (value.type !== 'AzureKeyVaultSecret') return value;
    linkedService(factory, value.store, (document) => document);
    const name = optionalString(value, 'secretName') ?? '';
    const secret = credentials.secrets.get(name);
    if (secret !== undefined) return secret;
    throw new ActivityError(
      'AzureKeyVaultSecretNotFound',
      `The secret '${name}' is not in the key vault. Start the emulator with --secret ${name}=VARIABLE.`,
    );
  };

  return {
    credentials,
    linkedService,
    dataset: (factory, reference, evaluate) => {
      const read = needed(reference, 'dataset');
      const { name, properties } = find(factory, 'datasets', read);
      const context = { dataset: bind(properties, read, evaluate) };
      return {
        name,
        type: optionalString(properties, 'type') ?? '',
        properties: evaluatedIn(objectField(properties, 'typeProperties'), context),
        schema: toPlain(evaluateDocument(properties.schema ?? properties.structure ?? [], context)),
        linkedService: linkedService(factory, properties.linkedServiceName, (document) =>
          toPlain(evaluateDocument(document, context)),
        ),
      };
    },
  };
}

function needed(reference: unknown, what: string): Reference {
  const read = readReference(reference);
  if (read === undefined) throw new DefinitionError(`A reference to a ${what} is missing.`);
  return read;
}

/** The values of a resource's parameters, from its reference or their defaults. */
function bind(properties: JsonObject, reference: Reference, evaluate: (document: unknown) => unknown): ObjectValue {
  const given = evaluateDocument(evaluate(reference.parameters), {});
  return bindParameters(readParameterSpecs(objectField(properties, 'parameters')), isObject(given) ? given : {});
}

function evaluatedIn(document: JsonObject, context: EvaluationContext): JsonObject {
  const evaluated = toPlain(evaluateDocument(document, context));
  return isJsonObject(evaluated) ? evaluated : {};
}
