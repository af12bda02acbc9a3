import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** The repository's root folder. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Path of a program in the project's Python virtual environment. */
export function pythonProgram(name: string): string {
  return process.platform === 'win32'
    ? join(ROOT, '.venv', 'Scripts', `${name}.exe`)
    : join(ROOT, '.venv', 'bin', name);
}

/** Ports of the local stack, all on 127.0.0.1. */
export interface Ports {
  /** Blob Storage and Event Grid, as clients see them. */
  readonly blob: number;
  /** Azurite's blob endpoint, behind them. */
  readonly azurite: number;
  /** Azurite's queues and tables, which Core Tools need for Durable Functions (`func start`). */
  readonly queue: number;
  readonly table: number;
  readonly cosmos: number;
  readonly databricks: number;
  readonly synapse: number;
  readonly entraId: number;
  readonly dataFactory: number;
  /** Power BI and Analysis Services. */
  readonly powerBi: number;
  readonly functions: number;
}

/** The operational database that Data Factory copies from: beside the warehouse, with the same login. */
export const OPERATIONS_DATABASE = 'operations';

export type Settings = Readonly<Record<string, string>>;

/** The app settings of local.settings.json: endpoints and the public credentials of the emulators. */
export function readLocalSettings(): Settings {
  const file: unknown = JSON.parse(readFileSync(join(ROOT, 'local.settings.json'), 'utf8'));
  return (file as { Values: Settings }).Values;
}

/** The ports that local.settings.json names. */
export function defaultPorts(settings: Settings = readLocalSettings()): Ports {
  const port = (name: string): number => Number(new URL(settings[name] ?? '').port);
  const blob = port('STORAGE_BLOB_ENDPOINT');
  return {
    blob,
    azurite: blob + 10,
    queue: blob + 1,
    table: blob + 2,
    cosmos: port('COSMOS_ENDPOINT'),
    databricks: port('DATABRICKS_HOST'),
    synapse: Number(settings.SYNAPSE_PORT),
    entraId: port('AUTH_ISSUER'),
    dataFactory: port('DATA_FACTORY_ENDPOINT'),
    powerBi: port('POWER_BI_ENDPOINT'),
    functions: 7071,
  };
}

/** Ports that are free now, for a stack beside others. */
export async function freePorts(): Promise<Ports> {
  const names = Object.keys(defaultPorts()) as (keyof Ports)[];
  const ports: number[] = [];
  for (const _ of names) ports.push(await freePort());
  return Object.fromEntries(names.map((name, index) => [name, ports[index] ?? 0])) as unknown as Ports;
}

/** The app settings with their endpoints at these ports. */
export function settingsAt(ports: Ports): Settings {
  const settings = readLocalSettings();
  return {
    ...settings,
    STORAGE_BLOB_ENDPOINT: `http://127.0.0.1:${ports.blob}/devstoreaccount1`,
    EVENT_GRID_TOPIC_ENDPOINT: `http://127.0.0.1:${ports.blob}/topics/landfall/api/events`,
    COSMOS_ENDPOINT: `http://127.0.0.1:${ports.cosmos}`,
    DATABRICKS_HOST: `http://127.0.0.1:${ports.databricks}`,
    SYNAPSE_PORT: String(ports.synapse),
    AUTH_ISSUER: `http://127.0.0.1:${ports.entraId}${new URL(settings.AUTH_ISSUER ?? '').pathname}`,
    DATA_FACTORY_ENDPOINT: `https://127.0.0.1:${ports.dataFactory}`,
    POWER_BI_ENDPOINT: `http://127.0.0.1:${ports.powerBi}`,
    ANALYSIS_SERVICES_ENDPOINT: `http://127.0.0.1:${ports.powerBi}`,
  };
}
