import type { ColdStore, HotKeys } from '@linnet/core/engine';

/** A lane's share of what its process keeps in memory of the keys, and a file of its own for the rest. */
export class LaneMemory implements HotKeys {
  private readonly whole: HotKeys;
  private readonly lanes: () => number;
  private cold: ColdStore | undefined;

  /** @param lanes number of lanes that share it, as it is at the moment */
  constructor(whole: HotKeys, lanes: () => number) {
    this.whole = whole;
    this.lanes = lanes;
  }

  get keysMax(): number | undefined {
    const { keysMax } = this.whole;
    return keysMax === undefined ? undefined : Math.ceil(keysMax / this.lanes());
  }

  get stateBytes(): number {
    return this.whole.stateBytes / this.lanes();
  }

  /** The same for every keyBy of the lane. */
  open(): ColdStore {
    this.cold ??= this.whole.open();
    return this.cold;
  }

  close(): void {
    this.cold?.close();
  }
}
