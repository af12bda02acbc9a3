import { ChangeFeedStartFrom, type Container, type JSONValue, StatusCodes } from '@azure/cosmos';
import { triggerInfo } from '../bindings/binding-data.ts';
import { withSettings } from '../bindings/function-bindings.ts';
import { requiredText } from '../bindings/required-text.ts';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import { type Logger, messageOf } from '../core/logger.ts';
import { invokeWithRetry } from '../core/retry.ts';
import type { RpcBinding } from '../core/rpc-types.ts';
import type { TriggerState } from '../core/trigger-state.ts';
import { cosmosClient, isCosmosNotFound } from '../cosmos/cosmos-container.ts';
import type { TriggerListener } from './listener.ts';
import { PollWait } from './poll-wait.ts';

export interface CosmosTriggerPorts {
  readonly state: TriggerState;
  readonly invoker: Invoker;
  readonly logger: Logger;
}

const troubleWaitMs = 5000;

/**
 * Calls a function with the documents that were written to a container, as its change feed tells: the newest version of each.
 * How far it is, which Azure keeps in a container of leases, is kept beside the other state of the host.
 * Source: azure-webjobs-sdk-extensions, `CosmosDB/Trigger/CosmosDBTriggerListener.cs`.
 */
export class CosmosTrigger implements TriggerListener {
  readonly target: RegisteredFunction;
  readonly #ports: CosmosTriggerPorts;
  readonly #binding: RpcBinding;
  readonly #container: Container;
  readonly #key: string;
  readonly #pollDelayMs: number;
  readonly #wait = new PollWait();
  #stopped = false;
  #loop: Promise<void> | undefined;
  #lastTrouble = '';

  /** @throws HostSetupError or RangeError for a binding that cannot be used. */
  constructor(target: RegisteredFunction, ports: CosmosTriggerPorts) {
    const binding = withSettings(target.trigger, process.env);
    const [database, container] = [requiredText(binding, 'databaseName'), requiredText(binding, 'containerName')];
    if (binding.changeFeedMode !== undefined && binding.changeFeedMode !== 'LatestVersion') {
      throw new RangeError(`the change feed mode "${String(binding.changeFeedMode)}" is not served by this host`);
    }
    this.target = target;
    this.#ports = ports;
    this.#binding = binding;
    this.#container = cosmosClient(binding.connection, process.env).database(database).container(container);
    this.#key = `${database}/${container}/${String(binding.leaseContainerPrefix ?? '')}`;
    this.#pollDelayMs = typeof binding.feedPollDelay === 'number' ? binding.feedPollDelay : 5000;
    ports.state.use((database) =>
      database.exec(
        `CREATE TABLE IF NOT EXISTS cosmos_leases (
           function TEXT, feed TEXT, continuation TEXT NOT NULL, PRIMARY KEY (function, feed)
         ) STRICT`,
      ),
    );
  }

  start(): void {
    this.#loop = this.#follow();
  }

  async stop(patience: Promise<void>): Promise<void> {
    this.#stopped = true;
    this.#wait.wake();
    await Promise.race([this.#loop, patience]);
  }

  /** @param input a JSON array of documents. */
  run(input: string | null): Promise<unknown> {
    return this.#invoke(JSON.parse(input ?? '[]') as JSONValue[]);
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#read();
      } catch (error) {
        this.#reportTrouble(error);
        await this.#wait.wait(isCosmosNotFound(error) ? this.#pollDelayMs : troubleWaitMs);
      }
    }
  }

  /** Reads on from where it was, until it is stopped or something goes wrong. */
  async #read(): Promise<void> {
    const maxItemCount =
      typeof this.#binding.maxItemsPerInvocation === 'number' ? this.#binding.maxItemsPerInvocation : 100;
    const changeFeedStartFrom = this.#startFrom();
    const feed = this.#container.items.getChangeFeedIterator<JSONValue>({ changeFeedStartFrom, maxItemCount });
    while (!this.#stopped) {
      const page = await feed.readNext();
      this.#lastTrouble = '';
      const documents = page.statusCode === StatusCodes.NotModified ? [] : page.result;
      // As in Azure, a call that fails for good does not hold up what comes after it. One whose retries were cut short does.
      const isDone = await this.#invoke(documents).then(
        () => true,
        () => !this.#stopped,
      );
      if (!isDone) {
        return;
      }
      this.#save(page.continuationToken);
      if (documents.length === 0) {
        await this.#wait.wait(this.#pollDelayMs);
      }
    }
  }

  #startFrom(): ChangeFeedStartFrom {
    const query = 'SELECT continuation FROM cosmos_leases WHERE function = ? AND feed = ?';
    const row = this.#ports.state.use((database) => database.prepare(query).get(this.target.name, this.#key));
    if (row !== undefined) {
      return ChangeFeedStartFrom.Continuation(String(row.continuation));
    }
    const { startFromBeginning, startFromTime } = this.#binding;
    if (typeof startFromTime === 'string') {
      return ChangeFeedStartFrom.Time(new Date(startFromTime));
    }
    return startFromBeginning === true ? ChangeFeedStartFrom.Beginning() : ChangeFeedStartFrom.Now();
  }

  #save(continuation: string): void {
    const insert = 'INSERT OR REPLACE INTO cosmos_leases (function, feed, continuation) VALUES (?, ?, ?)';
    this.#ports.state.use((database) => database.prepare(insert).run(this.target.name, this.#key, continuation));
  }

  async #invoke(documents: readonly JSONValue[]): Promise<void> {
    if (documents.length === 0) {
      return;
    }
    const { bindingData, triggerMetadata } = triggerInfo(this.target.name, {});
    const input = { trigger: { json: JSON.stringify(documents) }, triggerMetadata, bindingData: () => bindingData };
    return invokeWithRetry(this.#ports.invoker, this.target, input, () => this.#stopped);
  }

  #reportTrouble(error: unknown): void {
    const trouble = messageOf(error).split('\n')[0] ?? '';
    if (trouble !== this.#lastTrouble) {
      this.#ports.logger.warn(`[${this.target.name}] the change feed of "${this.#key}" cannot be read: ${trouble}`);
    }
    this.#lastTrouble = trouble;
  }
}
