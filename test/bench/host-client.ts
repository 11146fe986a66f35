import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A child that answers calls by IPC: the sandbox, or the plain worker. */
export class Child {
  private next = 1;
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();

  private constructor(private readonly child: ChildProcess) {}

  static async start(script: string, env: Record<string, string> = {}): Promise<Child> {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const client = new Child(child);
    const ready = new Promise<void>((resolve, reject) => {
      client.waiting.set(0, { resolve: resolve as (value: never) => void, reject });
      child.once('exit', () => reject(new Error(`${script} ended.`)));
    });
    child.on('message', (answer: { id: number; result?: never; error?: string }) => {
      const waiting = client.waiting.get(answer.id);
      client.waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.result as never);
      else waiting?.reject(new Error(answer.error));
    });
    await ready;
    return client;
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      this.child.send({ id, method, args });
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }
}
