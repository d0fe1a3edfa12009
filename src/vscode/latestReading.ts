/**
 * What is known of something that is read slowly and again and again: of several readings at once the one that began last
 * counts, in whatever order they end. `T` is data that JSON can write, by which two readings are compared.
 */
export class LatestReading<T> {
  readonly #read: () => Promise<T>;
  #turn = 0;
  #latest: T | undefined;
  #text = "";

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** Reads anew. True if something else is known now; false if it is the same, or if a later reading has begun meanwhile. */
  async renew(): Promise<boolean> {
    const before = this.#text;
    const turn = ++this.#turn;
    const read = await this.#read();
    if (turn !== this.#turn) return false;
    this.#keep(read);
    return this.#text !== before;
  }

  /** What is known; read if nothing is yet. A later reading that has begun meanwhile still tells of its news. */
  async current(): Promise<T> {
    if (this.#latest !== undefined) return this.#latest;
    const turn = ++this.#turn;
    const read = await this.#read();
    if (turn === this.#turn) this.#keep(read);
    return this.#latest ?? read;
  }

  #keep(read: T): void {
    this.#latest = read;
    this.#text = JSON.stringify(read);
  }
}
