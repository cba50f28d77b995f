/** Two network namespaces and a link between them that drops packets: needs root on Linux, touches no other network. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const FAR_HOST = '10.77.0.2';
const NEAR_HOST = '10.77.0.1';
const PROGRAMS = { ip: 'iproute2', nft: 'nftables' } as const;

/** Why there can be no such link here, if there can be none; what is missing is installed from Debian's packages. */
export function whyNoLink(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = () => Object.entries(PROGRAMS).filter(([name]) => !isThere(name));
  if (missing().length > 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const packages = missing().map(([, own]) => own);
    spawnSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], {
      env,
      stdio: 'ignore',
    });
  }
  const left = missing().map(([name, own]) => `${name} (package ${own})`);
  if (left.length > 0) return `${left.join(' and ')} is missing and could not be installed`;
  try {
    const link = new LossyLink('probe', 0);
    link.close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export class LossyLink {
  /** What runs a command at each end. */
  readonly near: readonly string[];
  readonly far: readonly string[];
  private readonly names: readonly [string, string];

  /** @param percent of the packets that each end drops on arrival */
  constructor(name: string, percent: number) {
    const [near, far] = (this.names = [`ln-${name}-a${process.pid}`, `ln-${name}-b${process.pid}`]);
    const [nearPort, farPort] = [`lna${process.pid}`, `lnb${process.pid}`];
    this.near = ['ip', 'netns', 'exec', near];
    this.far = ['ip', 'netns', 'exec', far];
    try {
      run(['ip', 'netns', 'add', near]);
      run(['ip', 'netns', 'add', far]);
      run(['ip', '-n', near, 'link', 'add', nearPort, 'type', 'veth', 'peer', 'name', farPort, 'netns', far]);
      for (const [space, port, host] of [
        [near, nearPort, NEAR_HOST],
        [far, farPort, FAR_HOST],
      ] as const) {
        run(['ip', '-n', space, 'addr', 'add', `${host}/24`, 'dev', port]);
        for (const one of ['lo', port]) run(['ip', '-n', space, 'link', 'set', one, 'up']);
        run(['ip', 'netns', 'exec', space, 'nft', '-f', '-'], rules(percent));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Packets that either end dropped. */
  get dropped(): number {
    const counted = this.names.map((space) =>
      /counter packets (\d+)/.exec(run(['ip', 'netns', 'exec', space, 'nft', 'list', 'ruleset'])),
    );
    return counted.reduce((sum, found) => sum + Number(found?.[1] ?? 0), 0);
  }

  close(): void {
    for (const space of this.names) spawnSync('ip', ['netns', 'del', space], { stdio: 'ignore' });
  }
}

function rules(percent: number): string {
  const perMille = Math.round(percent * 10);
  const drop = perMille === 0 ? '' : `numgen random mod 1000 < ${perMille} counter drop\n`;
  return `table inet loss {\nchain in {\ntype filter hook input priority 0;\niifname "lo" accept\n${drop}}\n}\n`;
}

function run([program = '', ...args]: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

function isThere(program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(`${folder}/${program}`));
}
