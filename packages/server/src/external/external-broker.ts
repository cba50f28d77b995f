/**
 * The ingest at a broker of others (Mosquitto, EMQX): subscribes with QoS 1, and answers a message after its commit.
 *
 * Many messages are under way at once, and are answered in their order, as MQTT asks. The session outlives the connection, so that the
 * broker keeps what comes meanwhile, as far as it is set to. With MQTT 5 it says how many messages it takes unanswered.
 */
import type { IPublishPacket, Packet } from 'mqtt-packet';
import { backoffMs, openConnection, readConnack, reasonText, subscriptionFailure } from '@linnet/agent';
import type { Broker, Connection, MqttVersion } from '@linnet/agent';
import type { Inbound, OutboundAck } from '../ingest/inbound.ts';
import type { Intake } from '../broker/embedded.ts';

export interface ExternalOptions {
  readonly broker: Broker;
  readonly password?: string;
  readonly clientId: string;
  /** Topic filters, with their `$share/…/` where several instances share them. */
  readonly filters: readonly string[];
  readonly intake: Intake;
  /** Tenant of a topic's device, from the list of devices. */
  tenantOf(topic: string): string;
  /** What became of the connection: a trouble, or undefined once it works. */
  trouble(message: string | undefined): void;
}

const KEEP_ALIVE_SECONDS = 30;
const SESSION_EXPIRY_SECONDS = 86_400;
const RECEIVE_MAX = 4096;
const HANDSHAKE_MS = 20_000;

/** Two clients of one name take the session from each other, and a broker need not say so. */
const SHORT_MS = 5000;
const SHORT_TOLD = 3;
const ANOTHER = 'is another linnet serve at work on this store? Give each of them --share NAME';

/** A message that waits for its PUBACK. */
interface Answer {
  readonly from: Connection;
  readonly messageId: number;
  isDue: boolean;
}

export class ExternalBroker {
  private readonly options: ExternalOptions;
  private connection: Connection | undefined;
  private version: MqttVersion = 5;
  private proven = false;
  private attempt = 0;
  private ready = false;
  private readySince = 0;
  /** Connections in a row that did not last. */
  private shortLived = 0;
  private paused = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private pinging: NodeJS.Timeout | undefined;
  private heard = 0;
  private answers: Answer[] = [];
  /** How many of them are sent. */
  private answered = 0;

  constructor(options: ExternalOptions) {
    this.options = options;
    this.connect();
  }

  /** Sends an acknowledgement on its way; the device asks again where it gets lost. */
  ack({ device, bytes }: OutboundAck): void {
    if (!this.ready) return;
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.connection?.send({
      cmd: 'publish',
      topic: `cmd/${device}/ack`,
      payload,
      qos: 0,
      dup: false,
      retain: false,
    });
  }

  /** Reads on, where it had to wait for the store. */
  resume(): void {
    if (!this.paused || this.options.intake.full) return;
    this.paused = false;
    this.connection?.reading(true);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.pinging);
    if (this.ready) {
      this.connection?.send({ cmd: 'disconnect', ...(this.version === 5 && { reasonCode: 0 }) } as Packet);
    }
    this.connection?.close();
    this.connection = undefined;
  }

  private connect(): void {
    const current = (work: () => void) => {
      if (this.connection === connection) work();
    };
    const connection: Connection = openConnection(this.options.broker, this.version, {
      opened: () => current(() => this.greet()),
      packet: (packet) => current(() => this.packet(packet, connection)),
      closed: (why) => current(() => this.lost(why ?? 'connection closed')),
    });
    this.connection = connection;
    this.timer = setTimeout(() => this.fail('broker does not answer'), HANDSHAKE_MS);
  }

  private greet(): void {
    const { broker, password, clientId } = this.options;
    this.connection?.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: this.version,
      clientId,
      clean: false,
      keepalive: KEEP_ALIVE_SECONDS,
      ...(broker.user !== undefined && { username: broker.user }),
      ...(password !== undefined && { password: Buffer.from(password) }),
      ...(this.version === 5 && {
        properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS, receiveMaximum: RECEIVE_MAX },
      }),
    });
  }

  private packet(packet: Packet, connection: Connection): void {
    this.heard = performance.now();
    switch (packet.cmd) {
      case 'connack': {
        const answer = readConnack(packet, this.version, KEEP_ALIVE_SECONDS);
        if (answer.kind === 'version' && !this.proven) {
          this.version = 4;
          this.attempt = 0;
          return this.fail('broker speaks no MQTT 5, trying 3.1.1');
        }
        if (answer.kind !== 'accepted')
          return this.fail(answer.kind === 'refused' ? answer.why : 'broker speaks no MQTT 3.1.1');
        this.proven = true;
        const subscriptions = this.options.filters.map((topic) => ({ topic, qos: 1 as const }));
        connection.send({ cmd: 'subscribe', messageId: 1, subscriptions });
        return;
      }
      case 'suback': {
        const failure = subscriptionFailure(packet);
        if (failure !== undefined) return this.fail(`broker refuses the subscription: ${failure}`);
        this.subscribed();
        return;
      }
      case 'publish':
        return this.take(packet, connection);
      case 'disconnect':
        return this.fail(`broker hangs up: ${reasonText(packet.reasonCode ?? 0)}`);
      default:
    }
  }

  private subscribed(): void {
    clearTimeout(this.timer);
    this.ready = true;
    this.readySince = performance.now();
    this.attempt = 0;
    this.options.trouble(undefined);
    this.pinging = setInterval(
      () => {
        if (performance.now() - this.heard > KEEP_ALIVE_SECONDS * 1500) return this.fail('broker is silent');
        this.connection?.send({ cmd: 'pingreq' });
      },
      (KEEP_ALIVE_SECONDS * 1000) / 2,
    );
  }

  private take(packet: IPublishPacket & { messageId?: number }, from: Connection): void {
    const { topic, payload, qos, dup, retain, messageId = 0 } = packet;
    const { intake } = this.options;
    // What a broker kept is handed out with every subscription: it was taken in when it was new.
    if (retain) return qos > 0 ? from.send({ cmd: 'puback', messageId }) : undefined;
    const message: Inbound = {
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
      tenant: this.options.tenantOf(topic),
      // The packet id is the broker's, counted for all devices together: with the session it names a message that is sent again.
      packetId: qos === 0 ? 0 : messageId,
      dup,
    };
    const answer: Answer = { from, messageId, isDue: false };
    if (qos > 0) this.answers.push(answer);
    intake.submit(message, () => {
      answer.isDue = true;
      this.sendAnswers();
    });
    if (intake.full && !this.paused) {
      this.paused = true;
      from.reading(false);
    }
  }

  /** In the order of their messages, as MQTT asks; what is new may have been stored before older backlog. */
  private sendAnswers(): void {
    const { answers } = this;
    while (this.answered < answers.length && answers[this.answered]?.isDue === true) {
      const { from, messageId } = answers[this.answered++] as Answer;
      // An answer belongs to the connection that the message came by.
      if (this.connection === from) from.send({ cmd: 'puback', messageId });
    }
    if (this.answered < RECEIVE_MAX && this.answered < answers.length) return;
    this.answers = answers.slice(this.answered);
    this.answered = 0;
  }

  private fail(why: string): void {
    this.connection?.close();
    this.lost(why);
  }

  private lost(why: string): void {
    clearTimeout(this.timer);
    clearInterval(this.pinging);
    this.connection = undefined;
    if (this.ready)
      this.shortLived = performance.now() - this.readySince < SHORT_MS ? this.shortLived + 1 : 0;
    this.ready = false;
    this.paused = false;
    if (this.closed) return;
    if (!this.proven && this.version === 5 && why === 'connection closed') this.version = 4;
    this.options.trouble(this.shortLived >= SHORT_TOLD ? `${why}, again and again; ${ANOTHER}` : why);
    this.timer = setTimeout(() => this.connect(), backoffMs(this.attempt++, Math.random()));
  }
}
