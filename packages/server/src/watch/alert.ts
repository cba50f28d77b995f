/** What the ingest tells people; times are epoch ms. */
export type Alert =
  | {
      readonly alert: 'anomaly';
      readonly sensor: string;
      readonly device: string;
      readonly region: string;
      readonly metric: string;
      readonly value: number;
      /** |z| of the server's detector, or what the detector on the device or gateway gave. */
      readonly score: number;
      readonly threshold: number | null;
      readonly by: 'server' | 'device' | 'gateway';
      readonly time: number;
      readonly receivedAt: number;
      /** It is old: it was recorded while the device was offline. */
      readonly backlog: boolean;
    }
  | {
      readonly alert: 'silent';
      readonly device: string;
      readonly lastSeen: number;
      /** How often it spoke before. */
      readonly intervalMs: number;
      readonly receivedAt: number;
    }
  | {
      readonly alert: 'back';
      readonly device: string;
      readonly silentMs: number;
      readonly receivedAt: number;
    };
