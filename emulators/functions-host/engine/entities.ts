import type { Environment } from './environment.ts';
import {
  type Entity,
  type EntityCaller,
  type EntityMessage,
  type EntityQueueItem,
  parseEntityId,
  toEntityId,
} from './records.ts';
import type { Recovered } from './recovery.ts';
import { readEntity } from './recovery.ts';
import type { Store } from './store.ts';
import type { DurableProtocol, EntityBatchOutcome } from './types.ts';
import type { WorkLimit } from './work-limit.ts';

/** Tells an orchestration what came back from an entity. */
export type Respond = (caller: EntityCaller, input: string) => void;

/** The entities: a queue each, one batch at a time, and locks that let only their owner's operations pass. */
export class Entities {
  readonly #store: Store;
  readonly #protocol: DurableProtocol;
  readonly #limit: WorkLimit;
  readonly #environment: Environment;
  readonly #respond: Respond;
  readonly #batchSize: number;
  #loaded = new Map<string, Entity>();
  /** Which entities an orchestration has locked, or has asked to. */
  readonly #lockedBy = new Map<string, Set<string>>();
  #closed = false;

  constructor(
    store: Store,
    protocol: DurableProtocol,
    limit: WorkLimit,
    environment: Environment,
    batchSize: number,
    respond: Respond,
  ) {
    this.#store = store;
    this.#protocol = protocol;
    this.#limit = limit;
    this.#environment = environment;
    this.#batchSize = batchSize;
    this.#respond = respond;
  }

  recover(entities: Recovered['entities']): void {
    this.#loaded = entities;
    for (const entity of entities.values()) {
      for (const caller of [entity.lockedBy, ...entity.queue.map(({ message }) => lockCaller(message))]) {
        this.#noteLock(caller, entity.id);
      }
    }
    for (const entity of entities.values()) {
      this.#wake(entity);
    }
  }

  close(): void {
    this.#closed = true;
  }

  send(entityId: string, message: EntityMessage): void {
    const entity = this.#get(entityId);
    const item: EntityQueueItem = { seq: this.#store.sequence(), entityId: entity.id, message };
    entity.queue.push(item);
    this.#store.entityQueue.insert(item);
    this.#store.touch();
    this.#noteLock(lockCaller(message), entity.id);
    this.#wake(entity);
  }

  /** Whether a request waits in the queue of an entity, which will answer it. */
  willAnswer(requestId: string): boolean {
    return [...this.#loaded.values()].some(({ queue }) =>
      queue.some(({ message }) => message.caller?.requestId === requestId),
    );
  }

  /** Gives up the lock that this request took on this entity. */
  release(entityId: string, requestId: string): void {
    const entity = this.#get(entityId);
    if (entity.lockedBy?.requestId === requestId) {
      entity.lockedBy = null;
      this.#store.saveEntity(entity);
      this.#wake(entity);
    }
  }

  /** Removes an idle entity with its state. */
  purge(entityId: string): 'done' | 'notFound' | 'running' {
    const parsed = parseEntityId(entityId);
    const entity = parsed === undefined ? undefined : this.#get(toEntityId(parsed.name, parsed.key));
    if (entity === undefined || !entity.exists) {
      return entity?.running === true ? 'running' : 'notFound';
    }
    if (entity.running || entity.lockedBy !== null || entity.queue.length > 0) {
      return 'running';
    }
    entity.exists = false;
    entity.state = null;
    this.#store.saveEntity(entity);
    return 'done';
  }

  /** Gives up every lock of an orchestration that ended, and every request for one. */
  releaseAll(instanceId: string): void {
    const entityIds = this.#lockedBy.get(instanceId);
    this.#lockedBy.delete(instanceId);
    for (const id of entityIds ?? []) {
      const entity = this.#get(id);
      for (const item of entity.queue.filter(({ message }) => lockCaller(message)?.instanceId === instanceId)) {
        this.#remove(entity, item);
      }
      if (entity.lockedBy?.instanceId === instanceId) {
        this.release(id, entity.lockedBy.requestId);
      } else {
        this.#wake(entity);
      }
    }
  }

  #get(id: string): Entity {
    let entity = this.#loaded.get(id);
    if (entity === undefined) {
      entity = readEntity(this.#store, id);
      this.#loaded.set(id, entity);
    }
    return entity;
  }

  #noteLock(caller: EntityCaller | null, entityId: string): void {
    if (caller !== null) {
      const entityIds = this.#lockedBy.get(caller.instanceId) ?? new Set();
      this.#lockedBy.set(caller.instanceId, entityIds.add(entityId));
    }
  }

  #remove(entity: Entity, item: EntityQueueItem): void {
    entity.queue.splice(entity.queue.indexOf(item), 1);
    this.#store.entityQueue.remove(item);
    this.#store.touch();
  }

  #wake(entity: Entity): void {
    if (!entity.running && entity.queue.length > 0) {
      entity.running = true;
      this.#limit.run(() => this.#work(entity));
    }
  }

  async #work(entity: Entity): Promise<void> {
    if (this.#closed) {
      return; // Nothing may change after the last commit.
    }
    this.#grantLocks(entity);
    const items = this.#nextBatch(entity);
    if (items.length === 0) {
      entity.running = false;
      return;
    }
    const { name, key, exists, state } = entity;
    const operations = items.flatMap(({ message }) =>
      message.kind === 'operation'
        ? [{ name: message.operation, input: message.input, isSignal: message.caller === null }]
        : [],
    );
    const outcome = await this.#protocol.runEntity({ name, key, exists, state, operations });
    entity.running = false;
    if (!this.#closed) {
      this.#apply(entity, items, outcome);
      this.#wake(entity);
    }
  }

  #grantLocks(entity: Entity): void {
    const head = entity.queue[0];
    if (entity.lockedBy === null && head?.message.kind === 'lock') {
      const { caller, entityIds, position } = head.message;
      this.#remove(entity, head);
      entity.lockedBy = caller;
      this.#store.saveEntity(entity);
      const next = entityIds[position + 1];
      if (next === undefined) {
        this.#respond(caller, this.#protocol.entityResponse('lockGranted'));
      } else {
        this.send(next, { kind: 'lock', caller, entityIds, position: position + 1 });
      }
    }
  }

  #nextBatch(entity: Entity): EntityQueueItem[] {
    const { lockedBy, queue } = entity;
    const batch: EntityQueueItem[] = [];
    for (const item of queue) {
      if (batch.length === this.#batchSize) {
        break;
      }
      if (item.message.kind === 'lock') {
        if (lockedBy === null) {
          break;
        }
      } else if (lockedBy === null || item.message.sender === lockedBy.instanceId) {
        batch.push(item);
      }
    }
    return batch;
  }

  #apply(entity: Entity, items: readonly EntityQueueItem[], outcome: EntityBatchOutcome): void {
    for (const [index, item] of items.entries()) {
      this.#remove(entity, item);
      const result = outcome.results[index] ?? { isError: true, result: '"the operation gave no result"' };
      if (item.message.kind === 'operation' && item.message.caller !== null) {
        this.#respond(item.message.caller, this.#protocol.entityResponse(result));
      }
    }
    entity.exists = outcome.exists;
    entity.state = outcome.exists ? outcome.state : null;
    entity.updatedAt = this.#environment.now();
    this.#store.saveEntity(entity);
    for (const { entityId, operation, input } of outcome.signals) {
      this.send(entityId, { kind: 'operation', operation, input, caller: null, sender: null });
    }
  }
}

function lockCaller(message: EntityMessage): EntityCaller | null {
  return message.kind === 'lock' ? message.caller : null;
}
