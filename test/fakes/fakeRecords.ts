import type { DeliveryRecord } from "../../src/domain/delivery/deliveryRecord";
import type { EnvironmentRecords } from "../../src/domain/delivery/records";
import type { CreationRecord } from "../../src/domain/environment/creationRecord";

/** Records in memory. */
export class FakeRecords implements EnvironmentRecords {
  delivered: DeliveryRecord[] = [];
  created: CreationRecord[] = [];
  broken: Error | undefined;
  readonly #listeners = new Set<() => void>();

  deliveries() {
    return Promise.resolve(this.delivered);
  }

  creations() {
    return Promise.resolve(this.created);
  }

  saveDelivery(id: string, record: DeliveryRecord | undefined) {
    if (this.broken) return Promise.reject(this.broken);
    const others = this.delivered.filter(({ containerId }) => containerId !== id);
    this.delivered = record === undefined ? others : [...others, record];
    return this.#changed();
  }

  saveCreation(record: CreationRecord) {
    if (this.broken) return Promise.reject(this.broken);
    this.created = [...this.created.filter(({ configFile }) => configFile !== record.configFile), record];
    return this.#changed();
  }

  onDidChange(listener: () => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(): Promise<void> {
    for (const listener of this.#listeners) listener();
    return Promise.resolve();
  }
}
