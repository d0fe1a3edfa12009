import type { CreationRecord } from "../environment/creationRecord";
import type { DeliveryRecord } from "./deliveryRecord";

/** What is known beyond what the engine says, kept between runs and shared by all windows. No values. */
export interface EnvironmentRecords {
  deliveries(): Promise<readonly DeliveryRecord[]>;
  /** One for each configuration: the last. */
  creations(): Promise<readonly CreationRecord[]>;
  /** Without a record: forgets the container. */
  saveDelivery(containerId: string, record: DeliveryRecord | undefined): Promise<void>;
  saveCreation(record: CreationRecord): Promise<void>;
  /** Calls `listener` after any change, by this process or another. Returns how to stop. */
  onDidChange(listener: () => void): () => void;
}
